import type { Readable } from 'node:stream'
import { SlipwayError } from '@slipway/core'

const headBytes = 5

/** One message on the wire: a byte that says "not compressed", the length as u32 BE, the message. */
export const encodeFrame = (message: Uint8Array): Buffer => encodeFrames([message])

/** Many of them, in one piece. */
export const encodeFrames = (messages: readonly Uint8Array[]): Buffer => {
  let length = 0
  for (const message of messages) length += headBytes + message.length
  const frames = Buffer.allocUnsafe(length)
  let at = 0
  for (const message of messages) {
    frames[at] = 0
    frames.writeUInt32BE(message.length, at + 1)
    frames.set(message, at + headBytes)
    at += headBytes + message.length
  }
  return frames
}

const sizeOf = (head: Buffer, at: number, mostBytes: number): number => {
  if (head.readUInt8(at) !== 0) throw new SlipwayError('unsupported', 'compressed messages are not supported')
  const size = head.readUInt32BE(at + 1)
  if (size > mostBytes) throw new SlipwayError('too-large', `a message of ${size} bytes is larger than ${mostBytes}`)
  return size
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
    const size = sizeOf(bytes, at, mostBytes)
    if (bytes.length - at < headBytes + size) break
    messages.push(bytes.subarray(at + headBytes, at + headBytes + size))
    at += headBytes + size
  }
  return { messages, rest: bytes.subarray(at) }
}

/** Memory for messages that come in pieces is kept up to this size. */
const mostKept = 1 << 18

/** Takes a message: `bytes` from `start` to `end`, which are good until it returns. */
export type TakeMessage = (bytes: Buffer, start: number, end: number) => void

/** Takes bytes as they come, and gives the messages in them one by one. */
export class MessageCutter {
  readonly #mostBytes: number
  readonly #take: TakeMessage
  /** A message that has come in part, with its head. */
  #part = Buffer.allocUnsafeSlow(mostKept)
  #filled = 0
  #wanted = headBytes

  constructor(mostBytes: number, take: TakeMessage) {
    this.#mostBytes = mostBytes
    this.#take = take
  }

  /** What lies in `bytes` from `start` to `end`. Throws as `readBatches()`, and what `take` throws. */
  push(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; ) at = this.#filled === 0 ? this.#cut(bytes, at, end) : this.#gather(bytes, at, end)
  }

  /** A message that is there as a whole is given where it lies. */
  #cut(bytes: Buffer, at: number, limit: number): number {
    const body = at + headBytes
    if (body > limit) return this.#gather(bytes, at, limit)
    const end = body + sizeOf(bytes, at, this.#mostBytes)
    if (end > limit) return this.#gather(bytes, at, limit)
    this.#take(bytes, body, end)
    return end
  }

  #gather(bytes: Buffer, at: number, limit: number): number {
    const end = Math.min(limit, at + this.#wanted - this.#filled)
    this.#filled += bytes.copy(this.#part, this.#filled, at, end)
    if (this.#filled < this.#wanted) return end
    if (this.#wanted === headBytes) this.#wanted += sizeOf(this.#part, 0, this.#mostBytes)
    if (this.#filled < this.#wanted) this.#makeRoom()
    else this.#finish()
    return end
  }

  #makeRoom(): void {
    if (this.#part.length >= this.#wanted) return
    const larger = Buffer.allocUnsafeSlow(this.#wanted)
    this.#part.copy(larger, 0, 0, this.#filled)
    this.#part = larger
  }

  #finish(): void {
    const [message, end] = [this.#part, this.#wanted]
    if (message.length > mostKept) this.#part = Buffer.allocUnsafeSlow(mostKept)
    this.#filled = 0
    this.#wanted = headBytes
    this.#take(message, headBytes, end)
  }
}
