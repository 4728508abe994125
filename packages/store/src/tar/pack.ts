import { Readable } from 'node:stream'
import { type Bytes, invalid } from '@slipway/core'
import { encodeHeader, tarEnd } from './encode.ts'
import { paddingOf, type TarHeader } from './header.ts'

/** An entry to be written: a body of exactly `header.size` bytes, left out when that is 0. */
export interface TarInput {
  readonly header: TarHeader
  readonly body?: Uint8Array | Bytes
}

async function* write(entries: AsyncIterable<TarInput> | Iterable<TarInput>): AsyncGenerator<Uint8Array> {
  for await (const { header, body = [] } of entries) {
    yield encodeHeader(header)
    let written = 0
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      written += chunk.length
      if (written > header.size) break
      yield chunk
    }
    if (written !== header.size) throw invalid(`the body of ${header.name} is not ${header.size} bytes long`)
    if (paddingOf(header.size) > 0) yield tarEnd.subarray(0, paddingOf(header.size))
  }
  yield tarEnd
}

/** A tar of `entries`, in their order, made as it is read. */
export const packTar = (entries: AsyncIterable<TarInput> | Iterable<TarInput>): Readable =>
  Readable.from(write(entries), { objectMode: false, highWaterMark: 1 << 18 })
