import type { TarHeader } from './header.ts'
import { type TarLimits, TarParser } from './parse.ts'

export interface TarEntry {
  readonly header: TarHeader
  /** Reads it once, before the next entry is asked for; what isn't read is skipped. */
  readonly body: AsyncIterable<Uint8Array>
}

type Piece = { readonly header: TarHeader } | { readonly data: Buffer } | 'end'

/** Pulls chunks through the parser and hands out what it found, in order. */
class Pieces {
  readonly #found: Piece[] = []
  #next = 0
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #parser: TarParser

  constructor(source: AsyncIterable<Uint8Array>, limits: TarLimits) {
    this.#chunks = source[Symbol.asyncIterator]()
    this.#parser = new TarParser(
      {
        entry: (header) => void this.#found.push({ header }),
        data: (data) => void this.#found.push({ data }),
        end: () => void this.#found.push('end'),
      },
      limits,
    )
  }

  async next(): Promise<Piece | undefined> {
    while (this.#next === this.#found.length) {
      this.#found.length = 0
      this.#next = 0
      const chunk = await this.#chunks.next()
      if (chunk.done) {
        this.#parser.end()
        return undefined
      }
      this.#parser.push(chunk.value)
    }
    return this.#found[this.#next++]
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

/** Reads an uncompressed tar. Throws invalid where it is none. Stopping early closes the source. */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  { limits = {} }: { readonly limits?: TarLimits } = {},
): AsyncGenerator<TarEntry, void, void> {
  const pieces = new Pieces(source, limits)
  let inBody = false
  async function* body(): AsyncGenerator<Uint8Array, void, void> {
    while (inBody) {
      const piece = await pieces.next()
      if (piece === undefined || piece === 'end') inBody = false
      else if ('data' in piece) yield piece.data
    }
  }
  try {
    for (let piece = await pieces.next(); piece !== undefined; piece = await pieces.next()) {
      if (piece === 'end') inBody = false
      if (piece === 'end' || !('header' in piece)) continue
      inBody = true
      yield { header: piece.header, body: body() }
    }
  } finally {
    await pieces.close()
  }
}
