import { gzipSync, inflateRawSync } from 'node:zlib'
import { type IsalCalls, loadIsal } from './calls.ts'
import { BlockDeflater } from './deflate.ts'
import { GzipInflater } from './inflate.ts'

const sentence = Buffer.from('all happy layers are alike, each unhappy layer is unhappy in its own way\n'.repeat(99))

/** Whether this library does with a sentence what zlib does: then its structures lie in memory as ours say. */
const isSound = (calls: IsalCalls): boolean => {
  const inflater = new GzipInflater(calls, { room: Buffer.alloc(1000) })
  const packed = gzipSync(sentence)
  const parts = [packed.subarray(0, 50), packed.subarray(50), packed]
  const inflated = parts.flatMap((part) => Array.from(inflater.inflate(part), (piece) => Buffer.from(piece)))
  if (inflater.isInside || !Buffer.concat(inflated).equals(Buffer.concat([sentence, sentence]))) return false
  const room = Buffer.alloc(sentence.length)
  const length = new BlockDeflater(calls).deflateNow(sentence, room, sentence) ?? 0
  const lastBlock = Buffer.from([3, 0])
  const stream = Buffer.concat([room.subarray(0, length), lastBlock])
  return inflateRawSync(stream, { dictionary: sentence }).equals(sentence)
}

let found: { readonly calls: IsalCalls | undefined } | undefined

/** Loaded when it is first asked for, in each thread: 1 ms. */
const isal = (): IsalCalls | undefined => {
  if (found !== undefined) return found.calls
  try {
    const calls = loadIsal()
    found = { calls: isSound(calls) ? calls : undefined }
  } catch {
    found = { calls: undefined }
  }
  return found.calls
}

/** Undefined where the machine hasn't got ISA-L. What it inflates comes in `room`. */
export const openInflater = (room: Buffer): GzipInflater | undefined => {
  const calls = isal()
  return calls && new GzipInflater(calls, { room })
}

/** Undefined where the machine hasn't got ISA-L. */
export const openDeflater = (): BlockDeflater | undefined => {
  const calls = isal()
  return calls && new BlockDeflater(calls)
}
