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
