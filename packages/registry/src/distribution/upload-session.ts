import type { ServerResponse } from 'node:http'
import { type Digest, hasCode, type Ingest, invalid } from '@slipway/core'
import { findBlobAnywhere, recordBlob } from '../metadata/blobs.ts'
import { enqueue } from '../metadata/queue.ts'
import { ensureRepository } from '../metadata/repositories.ts'
import { endUpload, findUpload, type Upload } from '../metadata/uploads.ts'
import { withinQuota } from '../projects/within-quota.ts'
import type { Registry } from '../registry.ts'
import { isObjectIntact } from '../storage/digest.ts'
import { type HasCheckpoint, objectKey, type StoredObject } from '../storage/storage.ts'
import { isOutOfSpace, ociError, outOfSpace } from './oci-error.ts'
import { parseChunkRange } from './range.ts'
import type { RepositoryRequest } from './repository-route.ts'
import { bodyOf, lengthOf } from './upload-body.ts'

/** An upload that this request alone writes to. Disposing lets go of it; `park()` keeps it open for the next request. */
export interface UploadSession extends AsyncDisposable {
  readonly upload: Upload
  readonly ingest: Ingest
  park(): void
}

/** `0-<last byte>`; before the first byte `0-0`, as every registry has it. */
const uploadedRange = (offset: number): string => `0-${Math.max(offset - 1, 0)}`

/** Tells the client where the upload is and how far it has come. */
export const setProgress = (response: ServerResponse, repository: string, upload: Upload, offset: number): void => {
  response.setHeader('Location', `/v2/${repository}/blobs/uploads/${upload.id}`)
  response.setHeader('Docker-Upload-UUID', upload.id)
  response.setHeader('Range', uploadedRange(offset))
}

/** The upload the request names. Throws BLOB_UPLOAD_UNKNOWN. */
export const uploadOf = async (request: RepositoryRequest, registry: Registry): Promise<Upload> => {
  const id = request.params['upload'] ?? ''
  const upload = await findUpload(registry.database.sql, request.repository, id)
  if (upload === undefined) throw ociError('BLOB_UPLOAD_UNKNOWN', { detail: { upload: id.slice(0, 64) } })
  return upload
}

export const openNewUpload = async (
  request: RepositoryRequest,
  registry: Registry,
  upload: Upload,
): Promise<UploadSession> => ({
  upload,
  ...(await registry.writers.open(upload.id, () => request.raw.destroy())),
})

/** Opens the upload the request names. Throws BLOB_UPLOAD_UNKNOWN, also when it ended while we waited for its last writer. */
export const openUpload = async (request: RepositoryRequest, registry: Registry): Promise<UploadSession> => {
  const session = await openNewUpload(request, registry, await uploadOf(request, registry))
  try {
    await uploadOf(request, registry)
    return session
  } catch (error) {
    await session.ingest.discard()
    await session[Symbol.asyncDispose]()
    throw error
  }
}

/** How many bytes the body must have, after the headers. A chunk that says where it belongs must belong at the end (416). */
const expectedLength = (
  request: RepositoryRequest,
  response: ServerResponse,
  session: UploadSession,
): number | undefined => {
  const { upload, ingest } = session
  const header = request.raw.headers['content-range']
  const length = lengthOf(request.raw)
  if (header === undefined) return length
  const range = parseChunkRange(header)
  if (range === undefined) {
    throw ociError('BLOB_UPLOAD_INVALID', { message: 'invalid Content-Range', detail: { contentRange: header } })
  }
  if (range.start !== ingest.offset) {
    setProgress(response, request.repository, upload, ingest.offset)
    throw ociError('RANGE_INVALID', { detail: { offset: ingest.offset, contentRange: header } })
  }
  const expected = range.end - range.start + 1
  if (length !== undefined && length !== expected) throw ociError('SIZE_INVALID', { detail: { expected, got: length } })
  return expected
}

/** Throws when the last of the room is kept for what takes something away. */
export const expectRoom = async ({ hasRoom }: Registry): Promise<void> => {
  if (!(await hasRoom())) throw outOfSpace()
}

/** Appends the request's body. */
export const appendBody = async (
  request: RepositoryRequest,
  response: ServerResponse,
  registry: Registry,
  session: UploadSession,
): Promise<void> => {
  const expected = expectedLength(request, response, session)
  await expectRoom(registry)
  const { ingest, upload } = session
  try {
    const body = bodyOf(request.raw, { expected, pace: registry.settings.uploadPace })
    await ingest.write(withinQuota(body, upload.use, { before: ingest.offset, expected }))
  } catch (error) {
    if (isOutOfSpace(error) || hasCode(error, 'forbidden')) {
      // There is no room for the rest: the beginning would only take room from others.
      await session.ingest.discard()
      await endUpload(registry.database.sql, session.upload.id)
    }
    throw error
  }
}

/** Makes sure that any process can go on from here: what the client is told now must hold. */
export const saveProgress = async ({ ingest }: { readonly ingest: Ingest & Partial<HasCheckpoint> }): Promise<void> => {
  await ingest.checkpoint?.()
}

/**
 * Makes the bytes an object of the storage. When a crash came between this and its record, it is one already, and the client
 * that asks again is to have it.
 */
const commitObject = async ({ storage }: Registry, session: UploadSession, digest: Digest): Promise<StoredObject> => {
  const key = objectKey(session.upload.id)
  const before = session.ingest.offset === 0 ? await storage.stat(key) : undefined
  if (before === undefined) {
    const { size, createdAt } = await session.ingest.commit({ digest })
    return { key, size, storedAt: createdAt }
  }
  await session.ingest.discard()
  if (await isObjectIntact(storage, { key, digest })) return before
  throw invalid('the upload was finished with another digest')
}

/** The key of a blob that has a row, but whose bytes are not there, or not all of them. */
const brokenKeyOf = async ({ database, storage }: Registry, digest: Digest): Promise<string | undefined> => {
  const blob = await findBlobAnywhere(database.sql, digest)
  if (blob === undefined) return undefined
  if (blob.lostAt !== null) return blob.storageKey
  const object = await storage.stat(blob.storageKey)
  return object?.size === blob.size ? undefined : blob.storageKey
}

/** There was no room for what is an object by now: nobody will name it. */
const dropObject = ({ database }: Registry, { id }: Upload, { key, size }: StoredObject): Promise<void> =>
  database.transaction(async (sql) => {
    await enqueue(sql, { kind: 'object', key, reason: 'refused', size }, new Date())
    await endUpload(sql, id)
  })

/**
 * Makes the bytes a blob of the repository. Throws DIGEST_INVALID, and throws them away, if they are others than promised;
 * forbidden when the project has no room for them.
 */
export const commitUpload = async (
  registry: Registry,
  repository: string,
  session: UploadSession,
  digest: Digest,
): Promise<void> => {
  const { upload } = session
  let object: StoredObject | undefined
  try {
    object = await commitObject(registry, session, digest)
    const { key: storageKey, size } = object
    const broken = await brokenKeyOf(registry, digest)
    await registry.database.transaction(async (sql) => {
      const { id } = await ensureRepository(sql, repository)
      await recordBlob(sql, registry.retention, id, { digest, size, storageKey, broken })
      await endUpload(sql, upload.id)
    })
  } catch (error) {
    if (object !== undefined && hasCode(error, 'forbidden')) await dropObject(registry, upload, object)
    if (!hasCode(error, 'invalid')) throw error
    await endUpload(registry.database.sql, upload.id)
    throw ociError('DIGEST_INVALID', { cause: error, detail: { digest } })
  }
}
