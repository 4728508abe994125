import { type Database, type Digest, hasCode, type Sql } from '@slipway/core'
import { holdRepository } from '../metadata/repositories.ts'
import type { Retention } from '../metadata/retention.ts'
import { removeTag } from '../metadata/tags.ts'
import { trashManifest } from '../metadata/trash.ts'
import { projectOf } from '../projects/name.ts'
import type { RetentionRule, TagFacts } from './plan.ts'
import { listRetentionRules } from './records.ts'

/** Who the trash and the history say it was: no account has such a name. */
const by = '(retention)'
/** Clients wait for a transaction as long as it lasts. */
const manifestsAtOnce = 100

/** A repository. */
export interface Place {
  readonly id: number
  readonly name: string
}

/** What was found out, and what it stands on. */
export interface Plan {
  readonly place: Place
  readonly rules: readonly RetentionRule[]
  readonly doomed: readonly TagFacts[]
  /** How many tags there were. */
  readonly total: number
}

interface Parts {
  readonly database: Database
  readonly retention: Retention
}

/** Whether a manifest has other tags than these, or an index needs it: then only the tags go. */
const isNeeded = async (sql: Sql, repositoryId: number, digest: Digest, doomed: number): Promise<boolean> => {
  const [row] = await sql<{ tags: number; indexes: number }>`
    SELECT (SELECT count(*) FROM tag WHERE repository_id = ${repositoryId} AND digest = ${digest}) AS tags,
      (SELECT count(*) FROM manifest_reference
        JOIN manifest ON manifest.repository_id = manifest_reference.repository_id
          AND manifest.digest = manifest_reference.parent AND manifest.deleted_at IS NULL
        WHERE manifest_reference.repository_id = ${repositoryId} AND manifest_reference.digest = ${digest}
          AND manifest_reference.kind = 'manifest') AS indexes`
  return row === undefined || row.tags > doomed || row.indexes > 0
}

/** Manifests that lose all their tags go into the trash with them, so that they come back together; other tags go alone. */
const takeOne = async (
  sql: Sql,
  retention: Retention,
  repositoryId: number,
  [digest, tags]: readonly [Digest, readonly TagFacts[]],
): Promise<void> => {
  if (!(await isNeeded(sql, repositoryId, digest, tags.length))) {
    await trashManifest(sql, retention, { repositoryId, digest, by })
    return
  }
  for (const { name } of tags) await removeTag(sql, retention, { repositoryId, name, by })
}

/**
 * Whether the plan holds still: the same rules, as many tags, and those that are to go are as they were. Somebody who pushes
 * meanwhile, or takes a rule back, is not passed over.
 */
const holds = async (sql: Sql, plan: Plan, left: number, batch: readonly TagFacts[]): Promise<boolean> => {
  const rules = await listRetentionRules(sql, projectOf(plan.place.name))
  if (JSON.stringify(rules) !== JSON.stringify(plan.rules)) return false
  const [counted] = await sql<{ tags: number }>`
    SELECT count(*) AS tags FROM tag WHERE repository_id = ${plan.place.id}`
  if (counted?.tags !== left) return false
  for (const { name, digest, movedAt } of batch) {
    const same = await sql`
      SELECT 1 FROM tag WHERE repository_id = ${plan.place.id} AND name = ${name} AND digest = ${digest}
        AND moved_at = ${movedAt}`
    if (same.length === 0) return false
  }
  return true
}

/** Carries a plan out, a hundred manifests a transaction, until it is done or doesn't hold any more. */
export const takeAway = async (
  { database, retention }: Parts,
  plan: Plan,
  signal?: AbortSignal,
): Promise<{ readonly gone: number; readonly isDone: boolean }> => {
  const byDigest = [...Map.groupBy(plan.doomed, ({ digest }) => digest)]
  let gone = 0
  for (let at = 0; at < byDigest.length; at += manifestsAtOnce) {
    const batch = byDigest.slice(at, at + manifestsAtOnce)
    const tags = batch.flatMap(([, those]) => those)
    const work = database.transaction(async (sql) => {
      await holdRepository(sql, plan.place.id)
      if (!(await holds(sql, plan, plan.total - gone, tags))) return false
      for (const one of batch) await takeOne(sql, retention, plan.place.id, one)
      return true
    })
    // A rule came between that makes one of them immutable.
    const isTaken = await work.catch((error) => {
      if (hasCode(error, 'forbidden')) return false
      throw error
    })
    if (!isTaken || signal?.aborted) return { gone: gone + (isTaken ? tags.length : 0), isDone: false }
    gone += tags.length
  }
  return { gone, isDone: true }
}
