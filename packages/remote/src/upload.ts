import { Readable } from 'node:stream'
import { type Bytes, type Descriptor, hasCode, invalid, SlipwayError } from '@slipway/core'
import { repositoryScope } from './authorization.ts'
import type { RegistryRequest, Session } from './session.ts'
import { drain, headerOf, type Response } from './transport.ts'

/** Up to this many bytes go in one PUT; what is longer is streamed by a PATCH, as docker does. */
const largestMonolith = 1024 * 1024

interface Upload {
  readonly session: Session
  readonly repository: string
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

const begin = async ({ session, repository }: Upload, query: string, scopes: readonly string[]): Promise<Response> => {
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

/** Sends a blob. A stream is sent once: when that fails with unavailable, call again with a fresh one. */
export const uploadBlob = async (upload: Upload, bytes: Bytes, location?: URL): Promise<void> => {
  const { session, repository, descriptor } = upload
  const scopes = [pushScope(repository)]
  const body = await bodyOf(bytes, descriptor.size)
  let address = location ?? locationOf(await begin(upload, '', scopes))
  const ask = async (request: Omit<RegistryRequest, 'scopes'>): Promise<Response> => {
    const response = await session.request({ ...request, scopes }).catch((error: unknown) => {
      throw lengthFault(error)
    })
    await drain(response)
    return response
  }
  const isStreamed = !(body instanceof Uint8Array)
  if (isStreamed) {
    const headers = octets(descriptor.size)
    address = locationOf(await ask({ method: 'PATCH', target: address, headers, body, expect: [201, 202, 204] }))
  }
  const last = isStreamed ? { headers: { 'content-length': '0' } } : { headers: octets(descriptor.size), body }
  const done = await ask({ method: 'PUT', target: finishAt(address, descriptor), ...last, expect: [201, 202, 204] })
  const stored = headerOf(done, 'docker-content-digest')
  if (stored !== undefined && stored !== descriptor.digest) {
    throw invalid(`the registry stored ${stored} in place of ${descriptor.digest}`)
  }
}
