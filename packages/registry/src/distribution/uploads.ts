import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Digest } from '@slipway/core'
import { sendEmpty } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { ensureRepository } from '../metadata/repositories.ts'
import { beginUpload, endUpload, touchUpload } from '../metadata/uploads.ts'
import { findUse } from '../projects/use.ts'
import { withinQuota } from '../projects/within-quota.ts'
import type { Registry } from '../registry.ts'
import type { BlobStorage, HasLeastChunk } from '../storage/storage.ts'
import { mountBlob } from './mount.ts'
import { ociError } from './oci-error.ts'
import { digestFrom, type RepositoryHandler, type RepositoryRequest } from './repository-route.ts'
import { bodyOf, hasBody, lengthOf } from './upload-body.ts'
import {
  appendBody,
  commitUpload,
  expectRoom,
  openNewUpload,
  openUpload,
  saveProgress,
  setProgress,
  uploadOf,
} from './upload-session.ts'

const sendCreated = (response: ServerResponse, repository: string, digest: Digest): void =>
  sendEmpty(response, 201, {
    Location: `/v2/${repository}/blobs/${digest}`,
    'Docker-Content-Digest': digest,
    'Content-Length': 0,
  })

/** The whole blob in the POST itself. */
const uploadAtOnce = async (
  request: RepositoryRequest,
  response: ServerResponse,
  registry: Registry,
  digest: Digest,
): Promise<void> => {
  const { id: repositoryId } = await ensureRepository(registry.database.sql, request.repository)
  const use = await findUse(registry.database.sql, { repositoryId, digest })
  await using session = await openNewUpload(request, registry, { id: randomUUID(), repositoryId, use })
  try {
    const expected = lengthOf(request.raw)
    const body = bodyOf(request.raw, { expected, pace: registry.settings.uploadPace })
    await session.ingest.write(withinQuota(body, use, { before: 0, expected }))
  } catch (error) {
    // Nobody has been told this upload's name: nobody can take it up again.
    await session.ingest.discard()
    throw error
  }
  await commitUpload(registry, request.repository, session, digest)
  sendCreated(response, request.repository, digest)
}

const beginSession = async (
  request: RepositoryRequest,
  response: ServerResponse,
  registry: Registry,
): Promise<void> => {
  const algorithm = request.query.get('digest-algorithm')
  if (algorithm !== null && algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw ociError('DIGEST_INVALID', { message: 'unsupported digest algorithm', detail: { algorithm } })
  }
  const { sql } = registry.database
  const { id } = await ensureRepository(sql, request.repository)
  const upload = await beginUpload(sql, id, accountOf(request.caller))
  setProgress(response, request.repository, upload, 0)
  const { leastChunk } = registry.storage as BlobStorage & Partial<HasLeastChunk>
  if (leastChunk !== undefined) response.setHeader('OCI-Chunk-Min-Length', leastChunk)
  sendEmpty(response, 202, { 'Content-Length': 0 })
}

/** `POST /v2/<name>/blobs/uploads/`: mounts a blob, takes one at once, or opens an upload. */
export const startUpload: RepositoryHandler = async (request, response, registry) => {
  const mount = request.query.get('mount')
  const whole = request.query.get('digest')
  if (mount !== null) {
    const digest = digestFrom(mount)
    if (await mountBlob(request, registry, digest)) return sendCreated(response, request.repository, digest)
  }
  await expectRoom(registry)
  if (mount === null && whole !== null) {
    return uploadAtOnce(request, response, registry, digestFrom(whole))
  }
  return beginSession(request, response, registry)
}

/** `PATCH`: the next bytes. Where a client stops in the middle, the upload stays, to be gone on with. */
export const appendUpload: RepositoryHandler = async (request, response, registry) => {
  await using session = await openUpload(request, registry)
  await appendBody(request, response, registry, session)
  await saveProgress(session)
  await touchUpload(registry.database.sql, session.upload.id)
  session.park()
  setProgress(response, request.repository, session.upload, session.ingest.offset)
  sendEmpty(response, 202, { 'Content-Length': 0 })
}

/** `PUT ?digest=`: the last bytes, if any are left, and the end. */
export const finishUpload: RepositoryHandler = async (request, response, registry) => {
  const digest = digestFrom(request.query.get('digest'))
  await using session = await openUpload(request, registry)
  if (hasBody(request.raw) || request.raw.headers['content-range'] !== undefined) {
    await appendBody(request, response, registry, session)
  }
  await commitUpload(registry, request.repository, session, digest)
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
  await using session = await openUpload(request, registry)
  await session.ingest.discard()
  await endUpload(registry.database.sql, session.upload.id)
  sendEmpty(response, 204)
}
