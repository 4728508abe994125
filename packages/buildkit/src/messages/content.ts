import { bytes, int64, message, nested, text, uint32 } from '@slipway/protobuf'

/** containerd.services.content.v1, of which a session offers what it takes to read and to write. */
export const infoRequest = message({ digest: text(1) })
export const infoResponse = message({ info: nested(1, message({ digest: text(1), size: int64(2) })) })
/** `size` 0: all that follows `offset`. */
export const readRequest = message({ digest: text(1), offset: int64(2), size: int64(3) })
export const readResponse = message({ offset: int64(1), data: bytes(2) })

export const writeAction = { stat: 0, write: 1, commit: 2 } as const
/** `offset` 0 begins anew. */
export const writeRequest = message({
  action: uint32(1),
  ref: text(2),
  total: int64(3),
  expected: text(4),
  offset: int64(5),
  data: bytes(6),
})
export const writeResponse = message({ action: uint32(1), offset: int64(4), total: int64(5), digest: text(6) })
