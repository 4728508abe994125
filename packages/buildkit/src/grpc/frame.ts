import type { Readable } from 'node:stream'
import { SlipwayError } from '@slipway/core'

const headBytes = 5

/** One message on the wire: a byte that says "not compressed", the length as u32 BE, the message. */
export const encodeFrame = (message: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(headBytes + message.length)
  frame.writeUInt8(0, 0)
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, headBytes)
  return frame
}

/** Cuts what comes into messages. Throws too-large, and unsupported for compressed ones, which nobody was told to send. */
export async function* readFrames(stream: Readable, mostBytes: number): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = []
  let length = 0
  let wanted = headBytes
  // Who needs only one message goes away early, and still has the stream to answer on.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    parts.push(chunk)
    length += chunk.length
    if (length < wanted) continue
    let rest = parts.length === 1 ? chunk : Buffer.concat(parts)
    while (rest.length >= headBytes) {
      if (rest.readUInt8(0) !== 0) throw new SlipwayError('unsupported', 'compressed messages are not supported')
      const size = rest.readUInt32BE(1)
      if (size > mostBytes)
        throw new SlipwayError('too-large', `a message of ${size} bytes is larger than ${mostBytes}`)
      if (rest.length < headBytes + size) break
      yield rest.subarray(headBytes, headBytes + size)
      rest = rest.subarray(headBytes + size)
    }
    wanted = rest.length < headBytes ? headBytes : headBytes + rest.readUInt32BE(1)
    parts = rest.length === 0 ? [] : [rest]
    length = rest.length
  }
}
