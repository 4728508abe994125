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
  textList,
  uint32,
} from '@slipway/protobuf'
import { definition, range, sourceInfo } from './llb.ts'
import { rpcStatus, timestamp } from './wellknown.ts'
import { version, workerRecord } from './worker.ts'

/** moby.buildkit.v1.Control (api/services/control/control.proto). */
export const controlService = 'moby.buildkit.v1.Control'

const exporter = message({ type: text(1), attrs: map(2, text) })
const cacheEntry = message({ type: text(1), attrs: map(2, text) })
const cacheOptions = message({ exports: repeated(4, cacheEntry), imports: repeated(5, cacheEntry) })

export const solveRequest = message({
  ref: text(1),
  definition: nested(2, definition),
  exporterDeprecated: text(3),
  exporterAttrsDeprecated: map(4, text),
  session: text(5),
  frontend: text(6),
  frontendAttrs: map(7, text),
  cache: nested(8, cacheOptions),
  entitlements: textList(9),
  frontendInputs: map(10, (at) => nested(at, definition)),
  internal: flag(11),
  exporters: repeated(13, exporter),
})
export const solveResponse = message({ exporterResponse: map(1, text) })

export const statusRequest = message({ ref: text(1) })
const progressGroup = message({ id: text(1), name: text(2), weak: flag(3) })
const vertex = message({
  digest: text(1),
  inputs: textList(2),
  name: text(3),
  cached: flag(4),
  started: nested(5, timestamp),
  completed: nested(6, timestamp),
  error: text(7),
  progressGroup: nested(8, progressGroup),
})
const vertexStatus = message({
  id: text(1),
  vertex: text(2),
  name: text(3),
  current: int64(4),
  total: int64(5),
  timestamp: nested(6, timestamp),
  started: nested(7, timestamp),
  completed: nested(8, timestamp),
})
const vertexLog = message({ vertex: text(1), timestamp: nested(2, timestamp), stream: int64(3), msg: bytes(4) })
const vertexWarning = message({
  vertex: text(1),
  level: int64(2),
  short: bytes(3),
  detail: bytesList(4),
  url: text(5),
  info: nested(6, sourceInfo),
  ranges: repeated(7, range),
})
export const statusResponse = message({
  vertexes: repeated(1, vertex),
  statuses: repeated(2, vertexStatus),
  logs: repeated(3, vertexLog),
  warnings: repeated(4, vertexWarning),
})

export const listWorkersRequest = message({ filter: textList(1) })
export const listWorkersResponse = message({ record: repeated(1, workerRecord) })
export const infoResponse = message({ version: nested(1, version) })

export const usageRecord = message({
  id: text(1),
  mutable: flag(2),
  inUse: flag(3),
  size: int64(4),
  createdAt: nested(6, timestamp),
  lastUsedAt: nested(7, timestamp),
  usageCount: int64(8),
  description: text(9),
  recordType: text(10),
  shared: flag(11),
  parents: textList(12),
})
export const diskUsageRequest = message({ filter: textList(1) })
export const diskUsageResponse = message({ record: repeated(1, usageRecord) })
export const pruneRequest = message({
  filter: textList(1),
  all: flag(2),
  keepDuration: int64(3),
  reservedSpace: int64(4),
  maxUsedSpace: int64(5),
  minFreeSpace: int64(6),
})

const descriptor = message({ mediaType: text(1), digest: text(2), size: int64(3), annotations: map(5, text) })
export const historyRecord = message({
  ref: text(1),
  frontend: text(2),
  frontendAttrs: map(3, text),
  exporters: repeated(4, exporter),
  error: nested(5, rpcStatus),
  createdAt: nested(6, timestamp),
  completedAt: nested(7, timestamp),
  logs: nested(8, descriptor),
  exporterResponse: map(9, text),
  generation: uint32(12),
  pinned: flag(14),
  numCachedSteps: uint32(15),
  numTotalSteps: uint32(16),
  numCompletedSteps: uint32(17),
  numWarnings: uint32(19),
})
export const historyRequest = message({
  activeOnly: flag(1),
  ref: text(2),
  earlyExit: flag(3),
  filter: textList(4),
  limit: uint32(5),
})
export const historyEventType = { started: 0, complete: 1, deleted: 2 } as const
export const historyEvent = message({ type: uint32(1), record: nested(2, historyRecord) })
export const updateHistoryRequest = message({ ref: text(1), pinned: flag(2), delete: flag(3), finalize: flag(4) })

export type SolveRequest = MessageOf<typeof solveRequest>
export type StatusResponse = Parameters<typeof statusResponse.encode>[0]
/** As they are read. */
export type UsageRecordMessage = MessageOf<typeof usageRecord>
export type HistoryRecordMessage = MessageOf<typeof historyRecord>
export type StatusMessage = MessageOf<typeof statusResponse>
export type VertexMessage = Parameters<typeof vertex.encode>[0]
export type VertexStatusMessage = Parameters<typeof vertexStatus.encode>[0]
export type VertexLogMessage = Parameters<typeof vertexLog.encode>[0]
export type VertexWarningMessage = Parameters<typeof vertexWarning.encode>[0]
export type UsageRecord = Parameters<typeof usageRecord.encode>[0]
export type HistoryRecord = Parameters<typeof historyRecord.encode>[0]
