import { type Digest, notFound, type Sql } from '@slipway/core'
import { holdRepository } from './repositories.ts'
import type { Retention } from './retention.ts'
import { listTagHistory, moveTag, type TagName } from './tags.ts'
import { restoreManifest } from './trash.ts'

/** What the tag named before its last change. */
const previousOf = async (sql: Sql, tag: TagName): Promise<Digest> => {
  const [last] = await listTagHistory(sql, tag, { before: '', limit: 1 })
  if (last === undefined || last.previous === null) throw notFound('earlier manifest of the tag', tag.name)
  return last.previous
}

/**
 * Points a tag at what it named before, or at `digest`; out of the trash, if it is there. Returns the digest. Throws not-found,
 * also when the manifest was collected meanwhile. In a transaction.
 */
export const rollbackTag = async (
  sql: Sql,
  retention: Retention,
  { digest, ...tag }: TagName & { readonly digest?: Digest | undefined },
): Promise<Digest> => {
  await holdRepository(sql, tag.repositoryId)
  const target = { ...tag, digest: digest ?? (await previousOf(sql, tag)) }
  await restoreManifest(sql, retention, target)
  const found = await sql`
    SELECT 1 FROM manifest WHERE repository_id = ${tag.repositoryId} AND digest = ${target.digest}`
  if (found.length === 0) throw notFound('manifest', target.digest)
  await moveTag(sql, retention, target)
  return target.digest
}
