import type { Digest, Sql } from '@slipway/core'
import { enqueue } from '../metadata/queue.ts'
import { inMs } from '../metadata/retention.ts'
import { uncountBlob } from '../projects/use.ts'
import { done, later, type Review } from './review.ts'

/** A blob is in a repository as long as a manifest there names it, in use or in the trash. */
const dropIdleLinks = async (sql: Sql, digest: Digest): Promise<void> => {
  const dropped = await sql<{ repositoryId: number }>`
    DELETE FROM repository_blob WHERE digest = ${digest} AND NOT EXISTS (
      SELECT 1 FROM manifest_reference
      WHERE manifest_reference.digest = repository_blob.digest
        AND manifest_reference.repository_id = repository_blob.repository_id AND manifest_reference.kind = 'blob')
    RETURNING repository_id AS "repositoryId"`
  for (const { repositoryId } of dropped) await uncountBlob(sql, repositoryId, digest)
}

/**
 * A blob that no manifest names, and that nobody was told of lately, loses its row, and its bytes are queued for deletion,
 * in one step: from then on clients don't see it, and what they push again gets another key.
 */
export const reviewBlob: Review = async (sql, retention, { key }) => {
  const digest = key as Digest
  // Locked: what is found out about it below stays true until the transaction ends.
  const [blob] = await sql<{ until: string; storageKey: string; size: number }>`
    SELECT protected_until AS until, storage_key AS "storageKey", size FROM blob WHERE digest = ${digest}
    /*postgres: FOR UPDATE*/`
  if (blob === undefined) return done
  if (blob.until > new Date().toISOString()) return later(new Date(blob.until))
  await dropIdleLinks(sql, digest)
  const held = await sql`
    SELECT 1 FROM repository_blob WHERE digest = ${digest}
    UNION ALL SELECT 1 FROM manifest_reference WHERE digest = ${digest} AND kind = 'blob' LIMIT 1`
  if (held.length > 0) return done
  await sql`DELETE FROM blob WHERE digest = ${digest}`
  const object = { kind: 'object', key: blob.storageKey, reason: 'collected', size: blob.size } as const
  await enqueue(sql, object, inMs(retention.readersMs))
  return { collected: true, freedBytes: 0 }
}
