import type { TagList, TagListQuery, TagRow } from '@slipway/client/hub'
import type { Sql } from '@slipway/core'
import { accountOf } from '../access/caller.ts'
import type { Asked } from '../api/route.ts'
import { ociError } from '../distribution/oci-error.ts'
import { findRepository } from '../metadata/repositories.ts'
import { removeTag } from '../metadata/tags.ts'
import type { Registry } from '../registry.ts'
import { immutableTagsOf } from '../rules/immutable.ts'
import { platformsOf, type Tagged } from './platforms.ts'

const pageSize = 100

/** What the database knows of a line. */
type StoredRow = Omit<TagRow, 'platforms' | 'isImmutable'> & Tagged

const listTagRows = (
  sql: Sql,
  page: { readonly repositoryId: number; readonly after: string; readonly limit: number },
): Promise<readonly StoredRow[]> =>
  sql<StoredRow>`
    SELECT tag.name, tag.digest, manifest.platforms, manifest.media_type AS "mediaType", manifest.artifact_type AS "artifactType",
      manifest.total_size + COALESCE((
        SELECT sum(child.total_size) FROM manifest_reference
        JOIN manifest child
          ON child.repository_id = manifest_reference.repository_id AND child.digest = manifest_reference.digest
        WHERE manifest_reference.repository_id = tag.repository_id AND manifest_reference.parent = tag.digest
          AND manifest_reference.kind = 'manifest'), 0) AS size,
      tag.moved_by AS "movedBy", tag.moved_at AS "movedAt"
    FROM tag JOIN manifest ON manifest.repository_id = tag.repository_id AND manifest.digest = tag.digest
    WHERE tag.repository_id = ${page.repositoryId} AND tag.name > ${page.after}
    ORDER BY tag.name LIMIT ${page.limit}`

const repositoryIdOf = async (sql: Sql, name: string): Promise<number> => {
  const found = await findRepository(sql, name)
  if (found === undefined) throw ociError('NAME_UNKNOWN', { detail: { name } })
  return found.id
}

/** By name. */
export const getTags = async (
  { repository, query: { after = '' } }: Asked<{ readonly query: TagListQuery }>,
  registry: Registry,
): Promise<TagList> => {
  const { sql } = registry.database
  const repositoryId = await repositoryIdOf(sql, repository)
  const rows = await listTagRows(sql, { repositoryId, after, limit: pageSize + 1 })
  const ruleFor = await immutableTagsOf(sql, repositoryId)
  const described = rows.slice(0, pageSize).map(async (row) => ({
    ...row,
    size: Number(row.size),
    platforms: [...(await platformsOf(registry, { repository, repositoryId }, row))],
    isImmutable: ruleFor(row.name) !== undefined,
  }))
  const tags = await Promise.all(described)
  return { tags, next: rows.length > pageSize ? (tags.at(-1)?.name ?? null) : null }
}

/** The tag alone; what it named stays until its time has come. */
export const deleteTag = async (request: Asked, { database, retention }: Registry): Promise<void> => {
  const name = request.params['tag'] ?? ''
  const removed = await database.transaction(async (sql) => {
    const repositoryId = await repositoryIdOf(sql, request.repository)
    return removeTag(sql, retention, { repositoryId, name, by: accountOf(request.caller) })
  })
  if (!removed) throw ociError('MANIFEST_UNKNOWN', { detail: { tag: name.slice(0, 160) } })
}
