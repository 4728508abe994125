import { createCipheriv, createHash } from 'node:crypto'
import { type TarInput, tarHeader } from '@slipway/store'

const zeros = Buffer.alloc(1 << 20)
const wordCount = 5000
const textLength = 4 << 20

/** The same bytes for the same seed, on every machine. */
export interface Dice {
  /** Nothing compresses these. */
  bytes(length: number): Buffer
  /** From 0 to `most`, without it. */
  below(most: number): number
}

export const diceOf = (seed: string): Dice => {
  const key = createHash('sha256').update(seed).digest()
  const stream = createCipheriv('aes-256-ctr', key, zeros.subarray(0, 16))
  const bytes = (length: number): Buffer => {
    const parts: Buffer[] = []
    for (let left = length; left > 0; left -= zeros.length) parts.push(stream.update(zeros.subarray(0, left)))
    return Buffer.concat(parts)
  }
  return { bytes, below: (most) => bytes(6).readUIntBE(0, 6) % most }
}

/** Words of a small vocabulary: gzip makes a quarter of it. */
const textOf = (dice: Dice): Buffer => {
  const text = Buffer.alloc(textLength)
  const picks = dice.bytes(textLength)
  for (let at = 0, pick = 0; at < textLength; pick += 2) {
    at += text.write(`word${picks.readUInt16LE(pick % (textLength - 2)) % wordCount} `, at)
  }
  return text
}

const file = (name: string, body: Uint8Array): TarInput => ({ header: tarHeader({ name, size: body.length }), body })

/** Small files in a deep tree: 4.3 KB each, a quarter of it incompressible, as in /usr/share. */
export function* smallFiles(seed: string, count: number): Generator<TarInput, void, void> {
  const dice = diceOf(seed)
  const text = textOf(dice)
  for (let number = 0; number < count; number += 1) {
    const [a, b, c] = [number % 20, Math.floor(number / 20) % 25, Math.floor(number / 500) % 10]
    // Many are small, few are large.
    const length = Math.floor(200 + 30_000 * (dice.below(1000) / 1000) ** 6)
    const from = dice.below(textLength - length)
    const words = text.subarray(from, from + length - (length >> 2))
    yield file(
      `usr/share/part${a}/section${b}/chapter${c}/page${number}`,
      Buffer.concat([words, dice.bytes(length >> 2)]),
    )
  }
}

const megabyte = 1 << 20

/** 100 MB: half of it incompressible, in one large file and some of a megabyte. */
export function* largeFiles(seed: string): Generator<TarInput, void, void> {
  const dice = diceOf(seed)
  const text = textOf(dice)
  yield file(`data/${seed}/noise`, dice.bytes(50 * megabyte))
  for (let number = 0; number < 50; number += 1) {
    const from = dice.below(textLength - megabyte)
    yield file(`data/${seed}/text${number}`, text.subarray(from, from + megabyte))
  }
}
