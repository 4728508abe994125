import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ByteRange, hasCode } from '@slipway/core'
import { sendEmpty } from '@slipway/http'
import { type BlobRow, findBlob, protectBlob } from '../metadata/blobs.ts'
import type { Registry } from '../registry.ts'
import type { BlobStorage, HasObjectRedirects } from '../storage/storage.ts'
import { ociError } from './oci-error.ts'
import { type ClosedRange, parseRange } from './range.ts'
import { digestFrom, isUnchanged, type RepositoryHandler, type RepositoryRequest } from './repository-route.ts'

/** Two requests cost more than so few bytes. */
const leastRedirected = 64 << 10

const headersOf = ({ digest, size }: BlobRow): OutgoingHttpHeaders => ({
  'Content-Type': 'application/octet-stream',
  'Content-Length': size,
  'Docker-Content-Digest': digest,
  'Accept-Ranges': 'bytes',
  ETag: `"${digest}"`,
  'Cache-Control': 'max-age=31536000, immutable',
})

const contentRange = ({ start, end }: ClosedRange, size: number): string => `bytes ${start}-${end}/${size}`

/** Reads a blob, or a part of it. */
type ReadBlob = (range?: ByteRange) => Promise<Readable>

/** One that was collected, and pushed again, since it was looked up lies elsewhere now. */
const readerOf =
  (registry: Registry, repository: string, blob: BlobRow): ReadBlob =>
  async (range) => {
    try {
      return await registry.storage.read(blob.storageKey, range)
    } catch (error) {
      if (!hasCode(error, 'not-found')) throw error
      const now = await findBlob(registry.database.sql, repository, blob.digest)
      if (now && now.storageKey !== blob.storageKey) return registry.storage.read(now.storageKey, range)
      if (now) registry.logger.error({ digest: blob.digest, key: blob.storageKey }, 'the bytes of a blob are missing')
      throw ociError('BLOB_UNKNOWN', { detail: { digest: blob.digest }, cause: error })
    }
  }

const sendAll = async (response: ServerResponse, read: ReadBlob, blob: BlobRow): Promise<void> => {
  const bytes = await read()
  response.writeHead(200, headersOf(blob))
  await pipeline(bytes, response)
}

const sendRange = async (
  response: ServerResponse,
  read: ReadBlob,
  blob: BlobRow,
  range: ClosedRange,
): Promise<void> => {
  const bytes = await read(range)
  response.writeHead(206, {
    ...headersOf(blob),
    'Content-Length': range.end - range.start + 1,
    'Content-Range': contentRange(range, blob.size),
  })
  await pipeline(bytes, response)
}

/** Several ranges in one answer (RFC 9110, section 14.6): how podman fetches the missing files of a zstd:chunked layer. */
const sendRanges = async (
  response: ServerResponse,
  read: ReadBlob,
  blob: BlobRow,
  ranges: readonly ClosedRange[],
): Promise<void> => {
  const boundary = randomBytes(16).toString('hex')
  const parts = ranges.map((range) => ({
    range,
    head: `\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: ${contentRange(range, blob.size)}\r\n\r\n`,
  }))
  const close = `\r\n--${boundary}--\r\n`
  const length = parts.reduce((sum, { range, head }) => sum + head.length + range.end - range.start + 1, close.length)
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for (const { range, head } of parts) {
      yield Buffer.from(head)
      yield* (await read(range)) as AsyncIterable<Uint8Array>
    }
    yield Buffer.from(close)
  }
  response.writeHead(206, {
    ...headersOf(blob),
    'Content-Type': `multipart/byteranges; boundary=${boundary}`,
    'Content-Length': length,
  })
  await pipeline(Readable.from(body()), response)
}

const rangesOf = (request: RepositoryRequest, { digest, size }: BlobRow): readonly ClosedRange[] | undefined => {
  const condition = request.raw.headers['if-range']
  if (condition !== undefined && condition !== `"${digest}"`) return undefined
  return parseRange(request.raw.headers.range, size)
}

/** Where the client is to get the whole blob from, if not from here: a range it would have to ask for itself. */
const redirectFor = async (
  { storage }: { readonly storage: BlobStorage & Partial<HasObjectRedirects> },
  { storageKey, size }: BlobRow,
): Promise<URL | undefined> => (size < leastRedirected ? undefined : storage.redirectFor?.(storageKey))

/** GET and HEAD of a blob, whole or in ranges (OCI distribution-spec, "Pulling blobs"). */
export const getBlob: RepositoryHandler = async (request, response, registry) => {
  const { sql } = registry.database
  const digest = digestFrom(request.params['digest'])
  const blob = await findBlob(sql, request.repository, digest)
  if (blob === undefined) throw ociError('BLOB_UNKNOWN', { detail: { digest } })
  if (request.raw.method === 'HEAD') {
    // The collector may have come between: what we promise must be seen after it was made safe.
    const isSafe = await protectBlob(sql, registry.retention, digest)
    if (!isSafe || (await findBlob(sql, request.repository, digest)) === undefined) {
      throw ociError('BLOB_UNKNOWN', { detail: { digest } })
    }
    return sendEmpty(response, 200, headersOf(blob))
  }
  if (isUnchanged(request, digest)) {
    const { 'Content-Length': _, ...headers } = headersOf(blob)
    return sendEmpty(response, 304, headers)
  }
  if (request.raw.headers.range === undefined) {
    const elsewhere = await redirectFor(registry, blob)
    if (elsewhere) return sendEmpty(response, 307, { Location: elsewhere.href, 'Docker-Content-Digest': digest })
  }
  const read = readerOf(registry, request.repository, blob)
  const ranges = rangesOf(request, blob)
  const [range] = ranges ?? []
  if (ranges === undefined) return sendAll(response, read, blob)
  if (range === undefined) {
    response.setHeader('Content-Range', `bytes */${blob.size}`)
    throw ociError('RANGE_INVALID', { message: 'requested range is not in the blob', detail: { size: blob.size } })
  }
  return ranges.length === 1 ? sendRange(response, read, blob, range) : sendRanges(response, read, blob, ranges)
}
