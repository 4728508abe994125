import { type Digest, isDigest, type Sql } from '@slipway/core'
import { sendEmpty } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { removeManifest } from '../metadata/manifests.ts'
import { findRepository } from '../metadata/repositories.ts'
import { removeTag, removeTagsOf } from '../metadata/tags.ts'
import { ociError } from './oci-error.ts'
import { digestFrom, type RepositoryHandler } from './repository-route.ts'

/** By digest: the manifest, and the tags that name it. By tag: the tag alone. */
const remove = async (sql: Sql, repositoryId: number, reference: string, by: string | null): Promise<boolean> => {
  if (!isDigest(reference)) return removeTag(sql, { repositoryId, name: reference, by })
  const digest: Digest = reference
  await removeTagsOf(sql, { repositoryId, digest, by })
  return removeManifest(sql, repositoryId, digest)
}

/** `DELETE /v2/<name>/manifests/<reference>` (OCI distribution-spec, "Deleting Manifests" and "Deleting tags"). */
export const deleteManifest: RepositoryHandler = async (request, response, registry) => {
  const reference = request.params['reference'] ?? ''
  if (reference.includes(':')) digestFrom(reference)
  await registry.database.transaction(async (sql) => {
    const repository = await findRepository(sql, request.repository)
    const gone = repository && (await remove(sql, repository.id, reference, accountOf(request.caller)))
    if (!gone) throw ociError('MANIFEST_UNKNOWN', { detail: { reference: reference.slice(0, 160) } })
  })
  sendEmpty(response, 202, { 'Content-Length': 0 })
}
