import type { IncomingMessage } from 'node:http'
import { SlipwayError } from '@slipway/core'
import { ociError } from './oci-error.ts'
import { measurePace, type Pace } from './pace.ts'

/** Whether the request carries bytes: the PUT that closes an upload mostly doesn't. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0

export const lengthOf = (request: IncomingMessage): number | undefined => {
  const length = request.headers['content-length']
  return length === undefined ? undefined : Number(length)
}

const goneAway = (cause: unknown): SlipwayError =>
  new SlipwayError('cancelled', 'the client went away in the middle of an upload', { cause })

/**
 * Gives memory back that nobody looks at any more. Left to the garbage collector, which sees small objects and not what hangs
 * on them, 1 GiB that comes through costs 0.6 s of processors' time for collections, and 100 MB that wait for them.
 */
const release = ({ buffer, byteLength }: Buffer): void => {
  // What is shared with others has more in it.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

export interface BodyLimits {
  /** Exactly so many bytes. */
  readonly expected: number | undefined
  /** How slowly they may come. */
  readonly pace: Pace
}

/**
 * The request's bytes. Throws SIZE_INVALID before one too many is passed on, and invalid (408) to who drips: an upload
 * holds a connection and a file that others could use.
 */
export const bodyOf = async function* (
  request: IncomingMessage,
  { expected, pace }: BodyLimits,
): AsyncGenerator<Uint8Array> {
  let length = 0
  let isTooSlow = false
  const measured = measurePace(pace)
  try {
    // Not destroyed by the break: the client is still to be told what was wrong.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length
      if (expected !== undefined && length > expected) break
      isTooSlow = !measured.came(chunk.length)
      if (isTooSlow) break
      yield chunk
      // Who asks for the next one has finished with it.
      release(chunk)
      measured.asks()
    }
  } catch (error) {
    throw goneAway(error)
  }
  if (isTooSlow) {
    throw new SlipwayError('invalid', 'the upload comes too slowly', { detail: { isTooSlow } })
  }
  if (expected !== undefined && length !== expected) {
    throw ociError('SIZE_INVALID', { detail: { expected, ...(length > expected ? {} : { got: length }) } })
  }
}
