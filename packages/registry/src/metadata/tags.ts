import type { Digest, Sql } from '@slipway/core'
import { noteChangeInFeed } from '../feed/note.ts'
import { refuseImmutable } from '../rules/immutable.ts'
import { noteForWebhooks, type TagChange } from '../webhooks/outbox.ts'
import { enqueue, manifestKey } from './queue.ts'
import { inMs, type Retention } from './retention.ts'

export interface TagName {
  readonly repositoryId: number
  readonly name: string
  /** The account that asked, if one did. */
  readonly by: string | null
}

/** Notes what a tag named and what it names now; what it doesn't name any more is to be looked at. */
const noteChange = async (sql: Sql, retention: Retention, change: TagChange): Promise<void> => {
  const { repositoryId, name, digest, previous, by, at } = change
  await sql`
    INSERT INTO tag_history (repository_id, name, digest, previous, moved_by, moved_at)
    VALUES (${repositoryId}, ${name}, ${digest}, ${previous}, ${by}, ${at})`
  await noteForWebhooks(sql, change)
  await noteChangeInFeed(sql, change)
  if (previous === null) return
  const key = manifestKey({ repositoryId, digest: previous })
  await enqueue(sql, { kind: 'manifest', key, reason: 'untagged' }, inMs(retention.untaggedMs))
}

/** What the tag names; undefined when there is none. */
const findTag = async (sql: Sql, repositoryId: number, name: string): Promise<Digest | undefined> => {
  const rows = await sql<{ digest: Digest }>`
    SELECT digest FROM tag WHERE repository_id = ${repositoryId} AND name = ${name}`
  return rows[0]?.digest
}

/**
 * Points a tag at a manifest that is there. Throws forbidden for an immutable one. In a transaction that holds the repository.
 */
export const moveTag = async (sql: Sql, retention: Retention, tag: TagName & { digest: Digest }): Promise<void> => {
  const at = new Date()
  const previous = (await findTag(sql, tag.repositoryId, tag.name)) ?? null
  if (previous === tag.digest) return
  if (previous !== null) await refuseImmutable(sql, tag.repositoryId, [tag.name])
  await sql`
    INSERT INTO tag (repository_id, name, digest, moved_by, moved_at)
    VALUES (${tag.repositoryId}, ${tag.name}, ${tag.digest}, ${tag.by}, ${at})
    ON CONFLICT (repository_id, name) DO UPDATE SET
      digest = excluded.digest, moved_by = excluded.moved_by, moved_at = excluded.moved_at`
  await noteChange(sql, retention, { ...tag, previous, at })
}

/**
 * Takes the tag away and leaves what it named; false when there is no such tag. Throws forbidden for an immutable one. In a
 * transaction that holds the repository.
 */
export const removeTag = async (sql: Sql, retention: Retention, tag: TagName): Promise<boolean> => {
  const [gone] = await sql<{ digest: Digest }>`
    DELETE FROM tag WHERE repository_id = ${tag.repositoryId} AND name = ${tag.name} RETURNING digest`
  if (gone) await refuseImmutable(sql, tag.repositoryId, [tag.name])
  if (gone) await noteChange(sql, retention, { ...tag, digest: null, previous: gone.digest, at: new Date() })
  return gone !== undefined
}

/**
 * Takes away every tag that names this manifest. Throws forbidden for immutable ones. In a transaction that holds the repository.
 */
export const removeTagsOf = async (
  sql: Sql,
  retention: Retention,
  manifest: Omit<TagName, 'name'> & { readonly digest: Digest; readonly at: Date },
): Promise<void> => {
  const gone = await sql<{ name: string }>`
    DELETE FROM tag WHERE repository_id = ${manifest.repositoryId} AND digest = ${manifest.digest} RETURNING name`
  await refuseImmutable(
    sql,
    manifest.repositoryId,
    gone.map(({ name }) => name),
  )
  for (const { name } of gone) {
    await noteChange(sql, retention, { ...manifest, name, digest: null, previous: manifest.digest })
  }
}

/** Names in order, after `last`. */
export const listTags = async (
  sql: Sql,
  repositoryId: number,
  page: { readonly last: string; readonly limit: number },
): Promise<readonly string[]> => {
  const rows = await sql<{ name: string }>`
    SELECT name FROM tag WHERE repository_id = ${repositoryId} AND name > ${page.last}
    ORDER BY name LIMIT ${page.limit}`
  return rows.map((row) => row.name)
}

/** One line of a tag's history; a digest of null: it was taken away. */
export interface TagMove {
  readonly digest: Digest | null
  readonly previous: Digest | null
  readonly movedBy: string | null
  readonly movedAt: string
  /** Whether a tag can be pointed at it (again): it is here, or in the trash. */
  readonly available: boolean
}

/** What the tag has named, the newest first, before `before` (exclusive; '' for the first page). */
export const listTagHistory = async (
  sql: Sql,
  tag: { readonly repositoryId: number; readonly name: string },
  page: { readonly before: string; readonly limit: number },
): Promise<readonly TagMove[]> => {
  const rows = await sql<Omit<TagMove, 'available'> & { readonly available: number | boolean }>`
    SELECT tag_history.digest, tag_history.previous, tag_history.moved_by AS "movedBy",
      tag_history.moved_at AS "movedAt", manifest.digest IS NOT NULL AS available
    FROM tag_history LEFT JOIN manifest
      ON manifest.repository_id = tag_history.repository_id AND manifest.digest = tag_history.digest
    WHERE tag_history.repository_id = ${tag.repositoryId} AND tag_history.name = ${tag.name}
      AND (${page.before} = '' OR tag_history.moved_at < ${page.before})
    ORDER BY tag_history.moved_at DESC LIMIT ${page.limit}`
  return rows.map((row) => ({ ...row, available: Boolean(row.available) }))
}
