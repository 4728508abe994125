import { type CanStream, type Descriptor, hasCode, type ImageTarget } from '@slipway/core'

/** A blob that is being made. */
export interface BlobInTheMaking {
  /** To be read to the end, whatever happens: nothing goes on until it has. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** What they were, once they have ended. Fails when the making does. */
  readonly made: Promise<Descriptor>
  /** When it can be read from the source, like any other. */
  readonly kept: Promise<unknown>
}

/** What begins with less is at its end already, and goes in one request like any other. Bytes. */
const smallest = 1 << 17

const canStream = (target: ImageTarget): target is ImageTarget & CanStream => 'stream' in target

type Source = AsyncIterator<Uint8Array>

/** Leaves the source open when the reader goes away. */
async function* from(first: IteratorResult<Uint8Array>, source: Source): AsyncGenerator<Uint8Array, void, void> {
  for (let next = first; !next.done; next = await source.next()) yield next.value
}

const readAll = async (source: Source): Promise<void> => {
  while (!(await source.next()).done);
}

/** A try in the usual way would come to the same. */
const isFinal = (error: unknown): boolean => hasCode(error, 'forbidden') || hasCode(error, 'unauthenticated')

/**
 * Sends a blob while it is made, and tells whether the target has it now. If not, it is to be sent like any other: it was
 * too small, or this target takes nothing of unknown length, or the connection was cut and needs bytes that are all there.
 */
export const sendWhileMade = async (to: ImageTarget, { bytes, made }: BlobInTheMaking): Promise<boolean> => {
  const source = bytes[Symbol.asyncIterator]()
  const first = await source.next()
  try {
    if (first.done || first.value.length < smallest || !canStream(to)) return false
    await to.stream(from(first, source), made)
    return true
  } catch (error) {
    if (isFinal(error)) throw error
    return false
  } finally {
    const reading = readAll(source)
    reading.catch(() => {})
  }
}
