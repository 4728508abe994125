import { Readable } from 'node:stream'
import type { Bytes } from '@slipway/core'

export interface Peeked {
  /** As many as were asked for, or more, or all there are. */
  readonly first: Buffer
  /** Everything in order, from the first byte. */
  readonly all: AsyncIterable<Uint8Array>
}

/** Holds back the first bytes until there are enough to see what they are. */
export const peek = async (source: Bytes, length: number): Promise<Peeked> => {
  const chunks = source instanceof Readable ? source.iterator() : toAsync(source)
  let first = Buffer.alloc(0)
  while (first.length < length) {
    const next = await chunks.next()
    if (next.done) break
    // A copy: the source may use its memory again.
    first = first.length === 0 ? Buffer.from(next.value) : Buffer.concat([first, next.value])
  }
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    try {
      if (first.length > 0) yield first
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
    } finally {
      await chunks.return?.()
    }
  }
  return { first, all: all() }
}

async function* toAsync(source: Bytes): AsyncGenerator<Uint8Array, void, void> {
  yield* source
}
