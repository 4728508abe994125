import type { Readable } from 'node:stream'
import { looksLikeArchive } from '@slipway/client'

/** Enough to see whether it is a tar. */
const headLength = 512

async function* chain(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* head
  yield* { [Symbol.asyncIterator]: () => rest }
}

/** All that comes on standard input, and whether it begins as a tar does: anything else is a Dockerfile without a context. */
export const readStdin = async (
  stdin: Readable,
): Promise<{ readonly isArchive: boolean; readonly bytes: AsyncIterable<Uint8Array> }> => {
  const source = (stdin as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  let length = 0
  while (length < headLength) {
    const { value, done } = await source.next()
    if (done) break
    head.push(value)
    length += value.length
  }
  return { isArchive: looksLikeArchive(Buffer.concat(head)), bytes: chain(head, source) }
}
