import { bytes, int64, message, nested, text } from '@slipway/protobuf'

/** containerd.services.content.v1, of which a session offers what it takes to read. */
export const infoRequest = message({ digest: text(1) })
export const infoResponse = message({ info: nested(1, message({ digest: text(1), size: int64(2) })) })
/** `size` 0: all that follows `offset`. */
export const readRequest = message({ digest: text(1), offset: int64(2), size: int64(3) })
export const readResponse = message({ offset: int64(1), data: bytes(2) })
