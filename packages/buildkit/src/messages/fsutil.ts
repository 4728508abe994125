import { bytes, int64, type MessageOf, map, message, nested, text, uint32 } from '@slipway/protobuf'

/** fsutil.types: how a directory is sent. Modes are Go's FileMode bits, times nanoseconds since 1970. */
export const stat = message({
  path: text(1),
  mode: uint32(2),
  uid: uint32(3),
  gid: uint32(4),
  size: int64(5),
  modTime: int64(6),
  linkname: text(7),
  devmajor: int64(8),
  devminor: int64(9),
  xattrs: map(10, bytes),
})
export type Stat = MessageOf<typeof stat>

export const packetType = { stat: 0, request: 1, data: 2, finished: 3, error: 4 } as const
export const packet = message({ type: uint32(1), stat: nested(2, stat), id: uint32(3), data: bytes(4) })
export type Packet = MessageOf<typeof packet>

const varintBytes = (value: number): number => {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1
  return bytes
}

const writeVarint = (into: Buffer, at: number, value: number): number => {
  let next = at
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) into[next++] = (rest % 0x80) | 0x80
  into[next++] = rest
  return next
}

/**
 * As `packet.encode()` writes a piece of a file, in one copy: a context is tens of thousands of them. Without `data`, the end
 * of the file.
 */
export const encodeData = (id: number, data?: Uint8Array): Buffer => {
  const length = data?.length ?? 0
  const head = 2 + (id === 0 ? 0 : 1 + varintBytes(id)) + (length === 0 ? 0 : 1 + varintBytes(length))
  const encoded = Buffer.allocUnsafe(head + length)
  encoded[0] = 0x08
  encoded[1] = packetType.data
  let at = 2
  if (id !== 0) {
    encoded[at++] = 0x18
    at = writeVarint(encoded, at, id)
  }
  if (data !== undefined && length > 0) {
    encoded[at++] = 0x22
    at = writeVarint(encoded, at, length)
    encoded.set(data, at)
  }
  return encoded
}
