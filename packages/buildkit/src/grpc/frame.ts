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

/**
 * Cuts what comes into messages, all that are there at a time: to wait for each one costs more than many of them hold. Throws
 * too-large, and unsupported for compressed ones, which nobody was told to send.
 */
export async function* readBatches(stream: Readable, mostBytes: number): AsyncGenerator<readonly Uint8Array[]> {
  let parts: Buffer[] = []
  let length = 0
  let wanted = headBytes
  // Who needs only one message goes away early, and still has the stream to answer on.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    parts.push(chunk)
    length += chunk.length
    if (length < wanted) continue
    const { messages, rest } = cut(parts.length === 1 ? chunk : Buffer.concat(parts), mostBytes)
    if (messages.length > 0) yield messages
    wanted = rest.length < headBytes ? headBytes : headBytes + rest.readUInt32BE(1)
    parts = rest.length === 0 ? [] : [rest]
    length = rest.length
  }
}

const cut = (bytes: Buffer, mostBytes: number): { readonly messages: readonly Uint8Array[]; readonly rest: Buffer } => {
  const messages: Uint8Array[] = []
  let at = 0
  while (bytes.length - at >= headBytes) {
    if (bytes.readUInt8(at) !== 0) throw new SlipwayError('unsupported', 'compressed messages are not supported')
    const size = bytes.readUInt32BE(at + 1)
    if (size > mostBytes) throw new SlipwayError('too-large', `a message of ${size} bytes is larger than ${mostBytes}`)
    if (bytes.length - at < headBytes + size) break
    messages.push(bytes.subarray(at + headBytes, at + headBytes + size))
    at += headBytes + size
  }
  return { messages, rest: bytes.subarray(at) }
}
