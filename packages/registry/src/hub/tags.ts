import type { TagRow } from '@slipway/client'
import type { Sql } from '@slipway/core'
import { sendEmpty, sendJson } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { RepositoryHandler } from '../distribution/repository-route.ts'
import { findRepository } from '../metadata/repositories.ts'
import { removeTag } from '../metadata/tags.ts'

const pageSize = 100

const listTagRows = (
  sql: Sql,
  page: { readonly repositoryId: number; readonly after: string; readonly limit: number },
): Promise<readonly TagRow[]> =>
  sql<TagRow>`
    SELECT tag.name, tag.digest, manifest.media_type AS "mediaType", manifest.artifact_type AS "artifactType",
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

/** `GET …/-/tags?after=`: by name; `next` is the `after` of the page that follows. */
export const getTags: RepositoryHandler = async (request, response, { database: { sql } }) => {
  const repositoryId = await repositoryIdOf(sql, request.repository)
  const rows = await listTagRows(sql, { repositoryId, after: request.query.get('after') ?? '', limit: pageSize + 1 })
  const page = rows.slice(0, pageSize).map((row) => ({ ...row, size: Number(row.size) }))
  sendJson(response, 200, { tags: page, next: rows.length > pageSize ? page.at(-1)?.name : null })
}

/** `DELETE …/-/tags/{tag}`: the tag alone; what it named stays until its time has come. */
export const deleteTag: RepositoryHandler = async (request, response, { database, retention }) => {
  const name = request.params['tag'] ?? ''
  const removed = await database.transaction(async (sql) => {
    const repositoryId = await repositoryIdOf(sql, request.repository)
    return removeTag(sql, retention, { repositoryId, name, by: accountOf(request.caller) })
  })
  if (!removed) throw ociError('MANIFEST_UNKNOWN', { detail: { tag: name.slice(0, 160) } })
  sendEmpty(response, 204)
}
