import type { Digest, Sql } from '@slipway/core'
import { enqueue, type ManifestName, manifestKey, parseManifestKey } from '../metadata/queue.ts'
import { inMs, type Retention } from '../metadata/retention.ts'
import { uncountManifest } from '../projects/use.ts'
import { collected, done, later, type Review } from './review.ts'

interface ManifestRow {
  readonly subject: Digest | null
  readonly deletedAt: string | null
}

/** Locks the row: what is found out about it afterwards stays true until the transaction ends. */
const hold = async (sql: Sql, { repositoryId, digest }: ManifestName): Promise<ManifestRow | undefined> => {
  const rows = await sql<ManifestRow>`
    SELECT subject, deleted_at AS "deletedAt" FROM manifest
    WHERE repository_id = ${repositoryId} AND digest = ${digest} /*postgres: FOR UPDATE*/`
  return rows[0]
}

/** A tag, an index that lists it, or a subject that is there: also those in the trash, for they may come back. */
const isHeld = async (sql: Sql, { repositoryId, digest }: ManifestName, subject: Digest | null): Promise<boolean> => {
  const rows = await sql`
    SELECT 1 FROM tag WHERE repository_id = ${repositoryId} AND digest = ${digest}
    UNION ALL SELECT 1 FROM manifest_reference
      WHERE repository_id = ${repositoryId} AND digest = ${digest} AND kind = 'manifest'
    UNION ALL SELECT 1 FROM manifest WHERE repository_id = ${repositoryId} AND digest = ${subject} LIMIT 1`
  return rows.length > 0
}

/** What this manifest held is to be looked at: its blobs, its children, and those that refer to it. */
const queueWhatItHeld = async (sql: Sql, retention: Retention, manifest: ManifestName): Promise<void> => {
  const { repositoryId, digest } = manifest
  const parts = await sql<{ kind: 'blob' | 'manifest'; digest: Digest }>`
    SELECT kind, digest FROM manifest_reference WHERE repository_id = ${repositoryId} AND parent = ${digest}`
  for (const part of parts) {
    const entry =
      part.kind === 'blob'
        ? ({ kind: 'blob', key: part.digest, reason: 'manifest collected' } as const)
        : ({
            kind: 'manifest',
            key: manifestKey({ repositoryId, digest: part.digest }),
            reason: 'parent collected',
          } as const)
    await enqueue(sql, entry, new Date())
  }
  const referrers = await sql<{ digest: Digest }>`
    SELECT digest FROM manifest
    WHERE repository_id = ${repositoryId} AND subject = ${digest} AND deleted_at IS NULL`
  for (const referrer of referrers) {
    const key = manifestKey({ repositoryId, digest: referrer.digest })
    await enqueue(sql, { kind: 'manifest', key, reason: 'dangling' }, inMs(retention.danglingMs))
  }
}

/** A manifest goes when its time in the trash is over, or when nothing has held it for as long as the policy says. */
export const reviewManifest: Review = async (sql, retention, { key }) => {
  const manifest = parseManifestKey(key)
  const row = await hold(sql, manifest)
  if (row === undefined) return done
  if (row.deletedAt === null) {
    if (await isHeld(sql, manifest, row.subject)) return done
  } else {
    const due = new Date(Date.parse(row.deletedAt) + retention.trashMs)
    if (due > new Date()) return later(due)
  }
  await queueWhatItHeld(sql, retention, manifest)
  const { repositoryId, digest } = manifest
  const [gone] = await sql<{ size: number }>`
    DELETE FROM manifest WHERE repository_id = ${repositoryId} AND digest = ${digest} RETURNING size`
  if (gone) await uncountManifest(sql, repositoryId, gone.size)
  return collected
}
