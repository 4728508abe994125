import { sendEmpty } from '@slipway/http'
import { isBlobReferenced, unlinkBlob } from '../metadata/blobs.ts'
import { findRepository } from '../metadata/repositories.ts'
import { ociError } from './oci-error.ts'
import { digestFrom, type RepositoryHandler } from './repository-route.ts'

/** Takes a blob out of the repository; one that a manifest there still needs stays (405: not this way). */
export const deleteBlob: RepositoryHandler = async (request, response, registry) => {
  const digest = digestFrom(request.params['digest'])
  await registry.database.transaction(async (sql) => {
    const repository = await findRepository(sql, request.repository)
    if (repository === undefined) throw ociError('BLOB_UNKNOWN', { detail: { digest } })
    if (await isBlobReferenced(sql, repository.id, digest)) {
      throw ociError('UNSUPPORTED', { message: 'a manifest of this repository needs the blob', detail: { digest } })
    }
    if (!(await unlinkBlob(sql, repository.id, digest))) throw ociError('BLOB_UNKNOWN', { detail: { digest } })
  })
  sendEmpty(response, 202, { 'Content-Length': 0 })
}
