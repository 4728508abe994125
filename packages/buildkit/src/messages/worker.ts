import { bytes, flag, int64, type MessageOf, map, message, nested, repeated, text, textList } from '@slipway/protobuf'
import { platform } from './llb.ts'

/** moby.buildkit.v1.types. */
export const version = message({ package: text(1), version: text(2), revision: text(3) })
const gcPolicy = message({
  all: flag(1),
  keepDuration: int64(2),
  reservedSpace: int64(3),
  filters: textList(4),
  maxUsedSpace: int64(5),
  minFreeSpace: int64(6),
})
export const workerRecord = message({
  id: text(1),
  labels: map(2, text),
  platforms: repeated(3, platform),
  gcPolicy: repeated(4, gcPolicy),
  version: nested(5, version),
})
export type WorkerRecord = MessageOf<typeof workerRecord>

/** moby.buildkit.v1.apicaps: a client asks for nothing that isn't listed. */
export const apiCap = message({ id: text(1), enabled: flag(2) })

export const bytesMessage = message({ data: bytes(1) })
