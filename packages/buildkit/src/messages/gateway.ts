import {
  bytes,
  bytesList,
  flag,
  int64,
  type MessageOf,
  map,
  message,
  nested,
  repeated,
  text,
  uint32,
} from '@slipway/protobuf'
import { stat } from './fsutil.ts'
import { definition, platform, range, sourceInfo, sourceOp } from './llb.ts'
import { rpcStatus } from './wellknown.ts'
import { apiCap, workerRecord } from './worker.ts'

/** moby.buildkit.v1.frontend.LLBBridge (frontend/gateway/pb/gateway.proto). */
export const bridgeService = 'moby.buildkit.v1.frontend.LLBBridge'

const ref = message({ id: text(1), def: nested(2, definition) })
const result = message({
  refDeprecated: text(1),
  ref: nested(3, ref),
  refs: nested(4, message({ refs: map(1, (at) => nested(at, ref)) })),
  metadata: map(10, bytes),
})
export const bridgeSolveRequest = message({
  definition: nested(1, definition),
  frontend: text(2),
  frontendOpt: map(3, text),
  allowResultReturn: flag(5),
  allowResultArrayRef: flag(6),
  frontendInputs: map(13, (at) => nested(at, definition)),
  evaluate: flag(14),
})
export const bridgeSolveResponse = message({ ref: text(1), result: nested(3, result) })
export const returnRequest = message({ result: nested(1, result), error: nested(2, rpcStatus) })

export const pingResponse = message({
  frontendCaps: repeated(1, apiCap),
  llbCaps: repeated(2, apiCap),
  workers: repeated(3, workerRecord),
})
export const inputsResponse = message({ definitions: map(1, (at) => nested(at, definition)) })

export const readFileRequest = message({
  ref: text(1),
  path: text(2),
  range: nested(3, message({ offset: int64(1), length: int64(2) })),
})
export const readFileResponse = message({ data: bytes(1) })
export const readDirectoryRequest = message({ ref: text(1), path: text(2), includePattern: text(3) })
export const readDirectoryResponse = message({ entries: repeated(1, stat) })
export const statFileRequest = message({ ref: text(1), path: text(2) })
export const statFileResponse = message({ stat: nested(1, stat) })
export const evaluateRequest = message({ ref: text(1) })

export const resolveConfigRequest = message({
  ref: text(1),
  platform: nested(2, platform),
  resolveMode: text(3),
  logName: text(4),
})
export const resolveConfigResponse = message({ digest: text(1), config: bytes(2), ref: text(3) })
export const resolveMetaRequest = message({
  source: nested(1, sourceOp),
  platform: nested(2, platform),
  logName: text(3),
  resolveMode: text(4),
})
const resolvedImage = message({ digest: text(1), config: bytes(2) })
export const resolveMetaResponse = message({ source: nested(1, sourceOp), image: nested(2, resolvedImage) })
export const warnRequest = message({
  digest: text(1),
  level: uint32(2),
  short: bytes(3),
  detail: bytesList(4),
  url: text(5),
  info: nested(6, sourceInfo),
  ranges: repeated(7, range),
})

export type BridgeSolveRequest = MessageOf<typeof bridgeSolveRequest>
export type BridgeResult = MessageOf<typeof result>
