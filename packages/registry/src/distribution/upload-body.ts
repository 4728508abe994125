import type { IncomingMessage } from 'node:http'
import { SlipwayError } from '@slipway/core'
import { ociError } from './oci-error.ts'

/** Whether the request carries bytes: the PUT that closes an upload mostly doesn't. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0

export const lengthOf = (request: IncomingMessage): number | undefined => {
  const length = request.headers['content-length']
  return length === undefined ? undefined : Number(length)
}

const goneAway = (cause: unknown): SlipwayError =>
  new SlipwayError('cancelled', 'the client went away in the middle of an upload', { cause })

/** The request's bytes; with `expected`, exactly so many. Throws SIZE_INVALID before one too many is passed on. */
export const bodyOf = async function* (request: IncomingMessage, expected?: number): AsyncGenerator<Uint8Array> {
  let length = 0
  try {
    // Not destroyed by the break: the client is still to be told what was wrong.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length
      if (expected !== undefined && length > expected) break
      yield chunk
    }
  } catch (error) {
    throw goneAway(error)
  }
  if (expected !== undefined && length !== expected) {
    throw ociError('SIZE_INVALID', { detail: { expected, ...(length > expected ? {} : { got: length }) } })
  }
}
