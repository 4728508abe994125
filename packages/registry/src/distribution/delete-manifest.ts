import { isDigest, type Sql } from '@slipway/core'
import { sendEmpty } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { findRepository, holdRepository } from '../metadata/repositories.ts'
import { removeTag } from '../metadata/tags.ts'
import { trashManifest } from '../metadata/trash.ts'
import type { Registry } from '../registry.ts'
import { ociError } from './oci-error.ts'
import { digestFrom, type RepositoryHandler } from './repository-route.ts'

interface Deletion {
  readonly repositoryId: number
  readonly reference: string
  readonly by: string | null
}

/** By digest: the manifest, and the tags that name it, into the trash. By tag: the tag alone. */
const remove = async (sql: Sql, { retention }: Registry, { reference, ...where }: Deletion): Promise<boolean> =>
  isDigest(reference)
    ? trashManifest(sql, retention, { ...where, digest: reference })
    : removeTag(sql, retention, { ...where, name: reference })

/** `DELETE /v2/<name>/manifests/<reference>` (OCI distribution-spec, "Deleting Manifests" and "Deleting tags"). */
export const deleteManifest: RepositoryHandler = async (request, response, registry) => {
  const reference = request.params['reference'] ?? ''
  if (reference.includes(':')) digestFrom(reference)
  await registry.database.transaction(async (sql) => {
    const repository = await findRepository(sql, request.repository)
    if (repository) await holdRepository(sql, repository.id)
    const by = accountOf(request.caller)
    const gone = repository && (await remove(sql, registry, { repositoryId: repository.id, reference, by }))
    if (!gone) throw ociError('MANIFEST_UNKNOWN', { detail: { reference: reference.slice(0, 160) } })
  })
  sendEmpty(response, 202, { 'Content-Length': 0 })
}
