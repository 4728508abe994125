import { Readable } from 'node:stream'
import { type Bytes, type Descriptor, hasCode, invalid, SlipwayError } from '@slipway/core'
import { repositoryScope } from './authorization.ts'
import type { RegistryRequest, Session } from './session.ts'
import { drain, headerOf, type Response } from './transport.ts'

/** Up to this many bytes go in one PUT; what is longer is streamed by a PATCH, as docker does. */
const largestMonolith = 1024 * 1024

interface Harbour {
  readonly session: Session
  readonly repository: string
}

interface Upload extends Harbour {
  readonly descriptor: Descriptor
}

const pushScope = (repository: string): string => repositoryScope(repository, 'pull,push')

/** The registry's own next address may have a query, which must come back as it was (distribution-spec, "Pushing blobs"). */
const locationOf = (response: Response): URL => {
  const location = headerOf(response, 'location')
  const url = location === undefined ? null : URL.parse(location, response.url.href)
  if (url === null) throw invalid('the registry gave no address for the upload')
  return url
}

export const hasBlob = async ({ session, repository, descriptor }: Upload): Promise<boolean> => {
  const response = await session.request({
    method: 'HEAD',
    target: `/v2/${repository}/blobs/${descriptor.digest}`,
    scopes: [pushScope(repository)],
    expect: [200, 404],
  })
  await drain(response)
  return response.status === 200
}

const begin = async ({ session, repository }: Harbour, query: string, scopes: readonly string[]): Promise<Response> => {
  const response = await session.request({
    method: 'POST',
    target: `/v2/${repository}/blobs/uploads/${query}`,
    scopes,
    headers: { 'content-length': '0' },
    expect: [201, 202],
  })
  await drain(response)
  return response
}

/** Asks for the blob of a sister repository. Otherwise returns where to upload it instead. */
export const mountBlob = async (upload: Upload, from: string): Promise<{ mounted: boolean; location?: URL }> => {
  const query = new URLSearchParams({ mount: upload.descriptor.digest, from }).toString()
  try {
    const scopes = [pushScope(upload.repository), repositoryScope(from, 'pull')]
    const response = await begin(upload, `?${query}`, scopes)
    return response.status === 201 ? { mounted: true } : { mounted: false, location: locationOf(response) }
  } catch (error) {
    // Who may not read the sister repository uploads; what is really wrong shows itself then.
    if (hasCode(error, 'forbidden') || hasCode(error, 'unauthenticated') || hasCode(error, 'not-found')) {
      return { mounted: false }
    }
    throw error
  }
}

const finishAt = (location: URL, descriptor: Descriptor): URL => {
  const url = new URL(location)
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(descriptor.digest)}`
  return url
}

/**
 * A stream is handed on piece by piece, the next when the connection has taken the last: a Readable would read on ahead, and
 * the bytes may be in a buffer that is used again.
 */
const bodyOf = async (bytes: Bytes, size: number): Promise<Uint8Array | AsyncIterable<Uint8Array>> => {
  if (size <= largestMonolith) return collect(bytes, size)
  return Symbol.asyncIterator in bytes ? bytes : Readable.from(bytes, { objectMode: false })
}

const collect = async (bytes: Bytes, size: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes) {
    length += chunk.length
    if (length > size) break
    chunks.push(chunk)
  }
  if (length !== size) throw invalid(`the blob is not the ${size} bytes that were promised`)
  return Buffer.concat(chunks)
}

const octets = (size: number): Readonly<Record<string, string>> => ({
  'content-type': 'application/octet-stream',
  'content-length': String(size),
})

/** undici compares the stream with its announced length while it sends. */
const lengthFault = (error: unknown): unknown =>
  error instanceof SlipwayError && error.detail['errno'] === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'
    ? invalid('the blob is not as long as was promised', error)
    : error

type Ask = (
  request: Pick<RegistryRequest, 'method' | 'headers' | 'body'> & { readonly target: URL },
) => Promise<Response>

const asking = ({ session, repository }: Harbour): Ask => {
  const scopes = [pushScope(repository)]
  return async (request) => {
    const response = await session.request({ ...request, scopes, expect: [201, 202, 204] }).catch((error: unknown) => {
      throw lengthFault(error)
    })
    await drain(response)
    return response
  }
}

/** Sends a blob. A stream is sent once: when that fails with unavailable, call again with a fresh one. */
export const uploadBlob = async (upload: Upload, bytes: Bytes, location?: URL): Promise<void> => {
  const { repository, descriptor } = upload
  const ask = asking(upload)
  const body = await bodyOf(bytes, descriptor.size)
  const target = location ?? locationOf(await begin(upload, '', [pushScope(repository)]))
  const headers = octets(descriptor.size)
  if (body instanceof Uint8Array) return finish(ask, target, descriptor, { headers, body })
  await finish(ask, locationOf(await ask({ method: 'PATCH', target, headers, body })), descriptor)
}

/** What is smaller may still be on its way to the kernel when the next piece is asked for: a connection says it is full. */
const smallestWaited = 1 << 17

/** For a connection that takes a piece for good as soon as it has room for another, while the reader's memory goes round. */
async function* held(bytes: Bytes): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of bytes) yield piece.length < smallestWaited ? Buffer.from(piece) : piece
}

/**
 * Sends a blob while it is made, in one request of no known length, as docker does; `made` tells at its end what it was.
 * Pieces may be in memory that is used again once the next one is asked for.
 */
export const streamBlob = async (harbour: Harbour, bytes: Bytes, made: Promise<Descriptor>): Promise<void> => {
  const ask = asking(harbour)
  const target = locationOf(await begin(harbour, '', [pushScope(harbour.repository)]))
  const headers = { 'content-type': 'application/octet-stream' }
  const address = locationOf(await ask({ method: 'PATCH', target, headers, body: held(bytes) }))
  await finish(ask, address, await made)
}

/** The last request of an upload, with all that has not been sent before. */
const finish = async (
  ask: Ask,
  address: URL,
  descriptor: Descriptor,
  rest: Pick<RegistryRequest, 'headers' | 'body'> = { headers: { 'content-length': '0' } },
): Promise<void> => {
  const done = await ask({ method: 'PUT', target: finishAt(address, descriptor), ...rest })
  const stored = headerOf(done, 'docker-content-digest')
  if (stored !== undefined && stored !== descriptor.digest) {
    throw invalid(`the registry stored ${stored} in place of ${descriptor.digest}`)
  }
}
