import type { Digest, Sql } from '@slipway/core'

export interface TagMove {
  readonly repositoryId: number
  readonly name: string
  readonly digest: Digest
  /** The account that asked, if one did. */
  readonly by: string | null
}

const noteMove = async (
  sql: Sql,
  move: Omit<TagMove, 'digest'> & { digest: Digest | null },
  at: Date,
): Promise<void> => {
  await sql`
    INSERT INTO tag_history (repository_id, name, digest, moved_by, moved_at)
    VALUES (${move.repositoryId}, ${move.name}, ${move.digest}, ${move.by}, ${at})`
}

/** Points a tag at a manifest that is there. In a transaction. */
export const moveTag = async (sql: Sql, move: TagMove): Promise<void> => {
  const at = new Date()
  const moved = await sql`
    INSERT INTO tag (repository_id, name, digest, moved_by, moved_at)
    VALUES (${move.repositoryId}, ${move.name}, ${move.digest}, ${move.by}, ${at})
    ON CONFLICT (repository_id, name) DO UPDATE SET
      digest = excluded.digest, moved_by = excluded.moved_by, moved_at = excluded.moved_at
      WHERE tag.digest <> excluded.digest
    RETURNING name`
  if (moved.length > 0) await noteMove(sql, move, at)
}

/** Takes the tag away and leaves what it named; false when there is no such tag. In a transaction. */
export const removeTag = async (sql: Sql, tag: Omit<TagMove, 'digest'>): Promise<boolean> => {
  const gone = await sql`
    DELETE FROM tag WHERE repository_id = ${tag.repositoryId} AND name = ${tag.name} RETURNING name`
  if (gone.length > 0) await noteMove(sql, { ...tag, digest: null }, new Date())
  return gone.length > 0
}

/** Takes away every tag that names this manifest. In a transaction. */
export const removeTagsOf = async (
  sql: Sql,
  manifest: { readonly repositoryId: number; readonly digest: Digest; readonly by: string | null },
): Promise<void> => {
  const gone = await sql<{ name: string }>`
    DELETE FROM tag WHERE repository_id = ${manifest.repositoryId} AND digest = ${manifest.digest} RETURNING name`
  for (const { name } of gone) await noteMove(sql, { ...manifest, name, digest: null }, new Date())
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
