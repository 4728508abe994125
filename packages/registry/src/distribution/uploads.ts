import type { ServerResponse } from 'node:http'
import { type Digest, hasCode, type Ingest } from '@slipway/core'
import { sendEmpty } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { recordBlob } from '../metadata/blobs.ts'
import { ensureRepository } from '../metadata/repositories.ts'
import { beginUpload, endUpload, findUpload, touchUpload, type Upload } from '../metadata/uploads.ts'
import type { Registry } from '../registry.ts'
import { mountBlob } from './mount.ts'
import { ociError } from './oci-error.ts'
import { parseChunkRange } from './range.ts'
import { digestFrom, type RepositoryHandler, type RepositoryRequest } from './repository-route.ts'
import { bodyOf, hasBody, lengthOf } from './upload-body.ts'

/** `0-<last byte>`; before the first byte `0-0`, as every registry has it. */
const uploadedRange = (offset: number): string => `0-${Math.max(offset - 1, 0)}`

const setProgress = (response: ServerResponse, repository: string, upload: Upload, offset: number): void => {
  response.setHeader('Location', `/v2/${repository}/blobs/uploads/${upload.id}`)
  response.setHeader('Docker-Upload-UUID', upload.id)
  response.setHeader('Range', uploadedRange(offset))
}

const sendCreated = (response: ServerResponse, repository: string, digest: Digest): void =>
  sendEmpty(response, 201, {
    Location: `/v2/${repository}/blobs/${digest}`,
    'Docker-Content-Digest': digest,
    'Content-Length': 0,
  })

/** Throws BLOB_UPLOAD_UNKNOWN. */
const uploadOf = async (request: RepositoryRequest, registry: Registry): Promise<Upload> => {
  const id = request.params['upload'] ?? ''
  const upload = await findUpload(registry.database.sql, request.repository, id)
  if (upload === undefined) throw ociError('BLOB_UPLOAD_UNKNOWN', { detail: { upload: id.slice(0, 64) } })
  return upload
}

/** Appends the body. A chunk that says where it belongs must belong at the end (416). */
const append = async (
  request: RepositoryRequest,
  response: ServerResponse,
  upload: Upload,
  ingest: Ingest,
): Promise<void> => {
  const header = request.raw.headers['content-range']
  const range = header === undefined ? undefined : parseChunkRange(header)
  if (header !== undefined && range === undefined) {
    throw ociError('BLOB_UPLOAD_INVALID', { message: 'invalid Content-Range', detail: { contentRange: header } })
  }
  if (range && range.start !== ingest.offset) {
    setProgress(response, request.repository, upload, ingest.offset)
    throw ociError('RANGE_INVALID', { detail: { offset: ingest.offset, contentRange: header } })
  }
  const length = lengthOf(request.raw)
  const expected = range === undefined ? length : range.end - range.start + 1
  if (length !== undefined && length !== expected) throw ociError('SIZE_INVALID', { detail: { expected, got: length } })
  await ingest.write(bodyOf(request.raw, expected))
}

/** Makes the bytes a blob of the repository. What doesn't have the digest that was promised is thrown away. */
const commit = async (registry: Registry, upload: Upload, ingest: Ingest, digest: Digest): Promise<void> => {
  try {
    const { size } = await ingest.commit({ digest })
    await registry.database.transaction(async (sql) => {
      await recordBlob(sql, upload.repositoryId, { digest, size })
      await endUpload(sql, upload.id)
    })
  } catch (error) {
    if (!hasCode(error, 'invalid')) throw error
    await endUpload(registry.database.sql, upload.id)
    throw ociError('DIGEST_INVALID', { cause: error, detail: { digest } })
  }
}

/** The whole blob in the POST itself. */
const uploadAtOnce = async (
  request: RepositoryRequest,
  response: ServerResponse,
  registry: Registry,
  digest: Digest,
): Promise<void> => {
  const { id: repositoryId } = await ensureRepository(registry.database.sql, request.repository)
  const upload = { id: crypto.randomUUID(), repositoryId }
  await using writer = await registry.writers.open(upload.id, () => request.raw.destroy())
  const { ingest } = writer
  try {
    await ingest.write(bodyOf(request.raw, lengthOf(request.raw)))
  } catch (error) {
    // Nobody has been told this upload's name: nobody can take it up again.
    await ingest.discard()
    throw error
  }
  await commit(registry, upload, ingest, digest)
  sendCreated(response, request.repository, digest)
}

/** `POST /v2/<name>/blobs/uploads/`: opens an upload, or mounts, or takes the blob at once. */
export const startUpload: RepositoryHandler = async (request, response, registry) => {
  const { query, repository } = request
  const mount = query.get('mount')
  if (mount !== null) {
    const digest = digestFrom(mount)
    if (await mountBlob(request, registry, digest)) return sendCreated(response, repository, digest)
  }
  const digest = query.get('digest')
  if (mount === null && digest !== null) return uploadAtOnce(request, response, registry, digestFrom(digest))
  const algorithm = query.get('digest-algorithm')
  if (algorithm !== null && algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw ociError('DIGEST_INVALID', { message: 'unsupported digest algorithm', detail: { algorithm } })
  }
  const { sql } = registry.database
  const { id } = await ensureRepository(sql, repository)
  const upload = await beginUpload(sql, id, accountOf(request.caller))
  setProgress(response, repository, upload, 0)
  sendEmpty(response, 202, { 'Content-Length': 0 })
}

/** `PATCH`: the next bytes. Where a client stops in the middle, the upload stays, to be gone on with. */
export const appendUpload: RepositoryHandler = async (request, response, registry) => {
  const upload = await uploadOf(request, registry)
  await using writer = await registry.writers.open(upload.id, () => request.raw.destroy())
  const { ingest } = writer
  await append(request, response, upload, ingest)
  writer.park()
  await touchUpload(registry.database.sql, upload.id)
  setProgress(response, request.repository, upload, ingest.offset)
  sendEmpty(response, 202, { 'Content-Length': 0 })
}

/** `PUT ?digest=`: the last bytes, if any are left, and the end. */
export const finishUpload: RepositoryHandler = async (request, response, registry) => {
  const digest = digestFrom(request.query.get('digest'))
  const upload = await uploadOf(request, registry)
  await using writer = await registry.writers.open(upload.id, () => request.raw.destroy())
  const { ingest } = writer
  if (hasBody(request.raw) || request.raw.headers['content-range'] !== undefined) {
    await append(request, response, upload, ingest)
  }
  await commit(registry, upload, ingest, digest)
  sendCreated(response, request.repository, digest)
}

/** `GET`: how far it has come, so that a client can go on after a lost connection. */
export const getUpload: RepositoryHandler = async (request, response, registry) => {
  const upload = await uploadOf(request, registry)
  setProgress(response, request.repository, upload, await registry.writers.offset(upload.id))
  sendEmpty(response, 204)
}

/** `DELETE`: the client doesn't want it any more. */
export const cancelUpload: RepositoryHandler = async (request, response, registry) => {
  const upload = await uploadOf(request, registry)
  await using writer = await registry.writers.open(upload.id, () => request.raw.destroy())
  const { ingest } = writer
  await ingest.discard()
  await endUpload(registry.database.sql, upload.id)
  sendEmpty(response, 204)
}
