import { type Digest, notFound, type Sql } from '@slipway/core'
import { mountBlobInto } from './blobs.ts'
import { enqueue, holdEntry, manifestKey, schedule } from './queue.ts'
import { holdRepository } from './repositories.ts'
import { inMs, type Retention } from './retention.ts'
import { moveTag, removeTagsOf } from './tags.ts'

/** A manifest that is, or was, in a repository, and who wants something of it. */
export interface ManifestOf {
  readonly repositoryId: number
  readonly digest: Digest
  readonly by: string | null
}

/**
 * Puts a manifest into the trash, its tags with it; false when it isn't there. What it refers to stays, until the trash is
 * emptied. In a transaction.
 */
export const trashManifest = async (
  sql: Sql,
  retention: Retention,
  { repositoryId, digest, by }: ManifestOf,
  at = new Date(),
): Promise<boolean> => {
  const key = manifestKey({ repositoryId, digest })
  await holdEntry(sql, { kind: 'manifest', key })
  const gone = await sql`
    UPDATE manifest SET deleted_at = ${at}, deleted_by = ${by}
    WHERE repository_id = ${repositoryId} AND digest = ${digest} AND deleted_at IS NULL RETURNING digest`
  if (gone.length === 0) return false
  await removeTagsOf(sql, retention, { repositoryId, digest, by, at })
  await schedule(sql, { kind: 'manifest', key, reason: 'deleted' }, new Date(at.getTime() + retention.trashMs))
  return true
}

/** Puts a repository and everything in it into the trash. In a transaction. */
export const trashRepository = async (
  sql: Sql,
  retention: Retention,
  { repositoryId, by }: Omit<ManifestOf, 'digest'>,
): Promise<void> => {
  const at = new Date()
  await holdRepository(sql, repositoryId)
  const manifests = await sql<{ digest: Digest }>`
    SELECT digest FROM manifest WHERE repository_id = ${repositoryId} AND deleted_at IS NULL`
  for (const { digest } of manifests) await trashManifest(sql, retention, { repositoryId, digest, by }, at)
  await sql`DELETE FROM upload WHERE repository_id = ${repositoryId}`
  await sql`UPDATE repository SET deleted_at = ${at} WHERE id = ${repositoryId}`
  const due = new Date(at.getTime() + retention.trashMs)
  await schedule(sql, { kind: 'repository', key: String(repositoryId), reason: 'deleted' }, due)
}

export interface Trashed {
  readonly digest: Digest
  readonly mediaType: string
  readonly size: number
  readonly deletedBy: string | null
  readonly deletedAt: string
}

/** What can be undeleted in a repository, the newest first. */
export const listTrash = (sql: Sql, repository: string, limit: number): Promise<readonly Trashed[]> =>
  sql<Trashed>`
    SELECT manifest.digest, manifest.media_type AS "mediaType", manifest.total_size AS size,
      manifest.deleted_by AS "deletedBy", manifest.deleted_at AS "deletedAt"
    FROM repository JOIN manifest ON manifest.repository_id = repository.id
    WHERE repository.name = ${repository} AND manifest.deleted_at IS NOT NULL
    ORDER BY manifest.deleted_at DESC, manifest.digest LIMIT ${limit}`

/** The tags that went with the manifest and that nobody has made anew. */
const restoreTags = async (sql: Sql, retention: Retention, manifest: ManifestOf, deletedAt: string): Promise<void> => {
  const { repositoryId, digest, by } = manifest
  const lost = await sql<{ name: string }>`
    SELECT name FROM tag_history
    WHERE repository_id = ${repositoryId} AND previous = ${digest} AND digest IS NULL AND moved_at = ${deletedAt}
      AND NOT EXISTS (SELECT 1 FROM tag WHERE tag.repository_id = tag_history.repository_id
        AND tag.name = tag_history.name)`
  for (const { name } of lost) await moveTag(sql, retention, { repositoryId, name, digest, by })
}

/** What the manifest can't be pulled without, out of the trash too. */
const restoreParts = async (sql: Sql, retention: Retention, manifest: ManifestOf): Promise<void> => {
  const { repositoryId, digest, by } = manifest
  const parts = await sql<{ kind: 'blob' | 'manifest'; digest: Digest }>`
    SELECT kind, digest FROM manifest_reference WHERE repository_id = ${repositoryId} AND parent = ${digest}`
  for (const part of parts) {
    if (part.kind === 'manifest') await restoreManifest(sql, retention, { repositoryId, digest: part.digest, by })
    // Of a layer that lies elsewhere nothing is here.
    else await mountBlobInto(sql, retention, repositoryId, part.digest)
  }
}

/** Takes a manifest out of the trash, with its parts and its tags; false when it isn't in it. In a transaction. */
export const restoreManifest = async (sql: Sql, retention: Retention, manifest: ManifestOf): Promise<boolean> => {
  const { repositoryId, digest } = manifest
  const key = manifestKey(manifest)
  await holdEntry(sql, { kind: 'manifest', key })
  const [row] = await sql<{ deletedAt: string }>`
    SELECT deleted_at AS "deletedAt" FROM manifest
    WHERE repository_id = ${repositoryId} AND digest = ${digest} AND deleted_at IS NOT NULL /*postgres: FOR UPDATE*/`
  if (row === undefined) return false
  await sql`
    UPDATE manifest SET deleted_at = NULL, deleted_by = NULL
    WHERE repository_id = ${repositoryId} AND digest = ${digest}`
  await enqueue(sql, { kind: 'manifest', key, reason: 'untagged' }, inMs(retention.untaggedMs))
  await restoreParts(sql, retention, manifest)
  await restoreTags(sql, retention, manifest, row.deletedAt)
  return true
}

/**
 * Takes one manifest out of the trash, or, without `digest`, all that were deleted together with the repository. Returns
 * their digests. Throws not-found. In a transaction.
 */
export const undelete = async (
  sql: Sql,
  retention: Retention,
  { repository, digest, by }: { readonly repository: string; readonly digest?: Digest; readonly by: string | null },
): Promise<readonly Digest[]> => {
  const [found] = await sql<{ id: number; deletedAt: string | null }>`
    SELECT id, deleted_at AS "deletedAt" FROM repository WHERE name = ${repository}`
  if (found === undefined || (digest === undefined && found.deletedAt === null)) {
    throw notFound('deleted repository', repository)
  }
  const { id: repositoryId } = found
  await holdRepository(sql, repositoryId)
  const wanted =
    digest === undefined
      ? await sql<{ digest: Digest }>`
          SELECT digest FROM manifest WHERE repository_id = ${repositoryId} AND deleted_at = ${found.deletedAt}`
      : [{ digest }]
  await sql`UPDATE repository SET deleted_at = NULL WHERE id = ${repositoryId}`
  const restored: Digest[] = []
  for (const one of wanted) {
    const back = await restoreManifest(sql, retention, { repositoryId, digest: one.digest, by })
    // An index may have brought this one back already.
    if (back || digest === undefined) restored.push(one.digest)
  }
  if (restored.length === 0) throw notFound('deleted manifest', digest ?? repository)
  return restored
}
