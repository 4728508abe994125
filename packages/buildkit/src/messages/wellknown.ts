import { bytes, int64, type MessageOf, message, repeated, text, uint32 } from '@slipway/protobuf'

/** google.protobuf.Timestamp. */
export const timestamp = message({ seconds: int64(1), nanos: uint32(2) })
export type Timestamp = MessageOf<typeof timestamp>

export const empty = message({})

/** google.protobuf.Any. */
export const any = message({ typeUrl: text(1), value: bytes(2) })

/** google.rpc.Status. */
export const rpcStatus = message({ code: uint32(1), message: text(2), details: repeated(3, any) })
export type RpcStatus = MessageOf<typeof rpcStatus>

export const timestampOf = (date: Date): Timestamp => {
  const ms = date.getTime()
  const seconds = Math.floor(ms / 1000)
  return { seconds, nanos: (ms - seconds * 1000) * 1_000_000 }
}
