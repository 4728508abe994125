import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { sendEmpty } from '@slipway/http'
import { type BlobRow, findBlob, protectBlob } from '../metadata/blobs.ts'
import type { BlobStorage, HasObjectRedirects } from '../storage/storage.ts'
import { openBody, type Part } from './body.ts'
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

/** What is answered with bytes: its headers differ from those of the whole blob by these. */
interface Answer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly parts: readonly Part[]
}

const answerAll = ({ size }: BlobRow): Answer => ({ status: 200, headers: {}, parts: [{ start: 0, end: size - 1 }] })

const answerRange = ({ size }: BlobRow, range: ClosedRange): Answer => ({
  status: 206,
  headers: { 'Content-Length': range.end - range.start + 1, 'Content-Range': contentRange(range, size) },
  parts: [range],
})

const lengthOf = (part: Part): number => (typeof part === 'string' ? part.length : part.end - part.start + 1)

/** Several ranges in one answer (RFC 9110, section 14.6): how podman fetches the missing files of a zstd:chunked layer. */
const answerRanges = ({ size }: BlobRow, ranges: readonly ClosedRange[]): Answer => {
  const boundary = randomBytes(16).toString('hex')
  const type = 'Content-Type: application/octet-stream'
  const parts = ranges.flatMap((range): readonly Part[] => [
    `\r\n--${boundary}\r\n${type}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`,
    range,
  ])
  const all = [...parts, `\r\n--${boundary}--\r\n`]
  return {
    status: 206,
    headers: {
      'Content-Type': `multipart/byteranges; boundary=${boundary}`,
      'Content-Length': all.reduce((sum, part) => sum + lengthOf(part), 0),
    },
    parts: all,
  }
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

/** What of the blob is asked for. Throws RANGE_INVALID where nothing of it is there. */
const answerTo = (request: RepositoryRequest, response: ServerResponse, blob: BlobRow): Answer => {
  const ranges = rangesOf(request, blob)
  if (ranges === undefined) return answerAll(blob)
  const [range] = ranges
  if (range === undefined) {
    response.setHeader('Content-Range', `bytes */${blob.size}`)
    throw ociError('RANGE_INVALID', { message: 'requested range is not in the blob', detail: { size: blob.size } })
  }
  return ranges.length === 1 ? answerRange(blob, range) : answerRanges(blob, ranges)
}

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
  const { status, headers, parts } = answerTo(request, response, blob)
  await using body = await openBody(registry, request.repository, blob, parts)
  response.writeHead(status, { ...headersOf(blob), ...headers })
  await body.send(response)
}
