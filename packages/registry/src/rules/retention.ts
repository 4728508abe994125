import type { DoomedTag } from '@slipway/client/hub'
import type { Database, Digest, Sql } from '@slipway/core'
import { holdRepository } from '../metadata/repositories.ts'
import type { Retention } from '../metadata/retention.ts'
import { removeTag } from '../metadata/tags.ts'
import { trashManifest } from '../metadata/trash.ts'
import { immutableTagsOf } from './immutable.ts'
import { planRetention, type RetentionRule, type TagFacts } from './plan.ts'

/** Who the trash and the history say it was: no account has such a name. */
const by = '(retention)'
/** Clients wait for a transaction as long as it lasts. */
const manifestsAtOnce = 100
const repositoriesAtOnce = 100

interface Place {
  readonly id: number
  readonly name: string
}

const listRepositories = (sql: Sql, project: string, after: string): Promise<readonly Place[]> =>
  sql<Place>`
    SELECT id, name FROM repository WHERE project = ${project} AND name > ${after} AND deleted_at IS NULL
    ORDER BY name LIMIT ${repositoriesAtOnce}`

export const listRetentionRules = (sql: Sql, project: string): Promise<readonly RetentionRule[]> =>
  sql<RetentionRule>`
    SELECT repositories, tags, keep_latest AS "keepLatest", keep_days AS "keepDays" FROM project_rule
    WHERE project = ${project} AND kind = 'retention' ORDER BY created_at, id`

const planFor = async (
  sql: Sql,
  rules: readonly RetentionRule[],
  { id, name }: Place,
): Promise<readonly (DoomedTag & TagFacts)[]> => {
  const tags = await sql<TagFacts>`
    SELECT name, digest, moved_at AS "movedAt" FROM tag WHERE repository_id = ${id} ORDER BY moved_at DESC, name`
  const ruleFor = await immutableTagsOf(sql, id)
  return planRetention(rules, { repository: name, tags, isImmutable: (tag) => ruleFor(tag) !== undefined }, new Date())
}

export interface PlanPage {
  readonly tags: readonly DoomedTag[]
  /** The name of the repository that the next page is after; null: there is none. */
  readonly next: string | null
}

/** What these rules would take away, by repositories; whole ones, until there are `limit` tags. */
export const planPage = async (
  sql: Sql,
  project: string,
  { rules, after, limit }: { readonly rules: readonly RetentionRule[]; readonly after: string; readonly limit: number },
): Promise<PlanPage> => {
  const found: DoomedTag[] = []
  let last = after
  while (true) {
    const places = await listRepositories(sql, project, last)
    for (const place of places) {
      for (const { repository, tag, digest, movedAt, reasons } of await planFor(sql, rules, place)) {
        found.push({ repository, tag, digest, movedAt, reasons })
      }
      last = place.name
      if (found.length >= limit) return { tags: found, next: last }
    }
    if (places.length < repositoriesAtOnce) return { tags: found, next: null }
  }
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
const takeAway = async (
  sql: Sql,
  retention: Retention,
  repositoryId: number,
  [digest, tags]: readonly [Digest, readonly string[]],
): Promise<void> => {
  if (!(await isNeeded(sql, repositoryId, digest, tags.length))) {
    await trashManifest(sql, retention, { repositoryId, digest, by })
    return
  }
  for (const name of tags) await removeTag(sql, retention, { repositoryId, name, by })
}

interface Parts {
  readonly database: Database
  readonly retention: Retention
}

/** One step in one repository, by the facts of that moment. Returns how many tags went; 0: nothing is left to do. */
const step = ({ database, retention }: Parts, project: string, place: Place): Promise<number> =>
  database.transaction(async (sql) => {
    await holdRepository(sql, place.id)
    const doomed = await planFor(sql, await listRetentionRules(sql, project), place)
    const byDigest = Map.groupBy(doomed, ({ digest }) => digest)
    const taken = [...byDigest].slice(0, manifestsAtOnce)
    for (const [digest, tags] of taken) {
      await takeAway(sql, retention, place.id, [digest, tags.map(({ name }) => name)])
    }
    return taken.reduce((sum, [, tags]) => sum + tags.length, 0)
  })

/** Takes away what a project's rules don't keep, into the trash. Returns how many tags went. */
export const applyRetention = async (parts: Parts, project: string, signal?: AbortSignal): Promise<number> => {
  let [sum, last] = [0, '']
  while (true) {
    const places = await listRepositories(parts.database.sql, project, last)
    for (const place of places) {
      for (let gone = 1; gone > 0 && !signal?.aborted; sum += gone) gone = await step(parts, project, place)
      last = place.name
    }
    if (places.length < repositoriesAtOnce || signal?.aborted) return sum
  }
}

/** Projects with retention rules whose last run is so long ago, the longest first. */
const listDue = (sql: Sql, before: Date): Promise<readonly { readonly name: string; readonly retainedAt: string }[]> =>
  sql<{ name: string; retainedAt: string }>`
    SELECT name, retained_at AS "retainedAt" FROM project
    WHERE retained_at < ${before} AND EXISTS (
      SELECT 1 FROM project_rule WHERE project_rule.project = project.name AND project_rule.kind = 'retention')
    ORDER BY retained_at, name LIMIT 100`

/** Applies what is due. Of several processes one takes each project. Returns how many tags went. */
export const applyDueRetention = async (parts: Parts, everyMs: number, signal: AbortSignal): Promise<number> => {
  const { sql } = parts.database
  let sum = 0
  for (const { name, retainedAt } of await listDue(sql, new Date(Date.now() - everyMs))) {
    if (signal.aborted) break
    const taken = await sql`
      UPDATE project SET retained_at = ${new Date()} WHERE name = ${name} AND retained_at = ${retainedAt} RETURNING name`
    if (taken.length > 0) sum += await applyRetention(parts, name, signal)
  }
  return sum
}
