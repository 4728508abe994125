import type { DoomedTag } from '@slipway/client/hub'
import type { Database, Sql } from '@slipway/core'
import type { Retention } from '../metadata/retention.ts'
import { immutableTagsOf } from './immutable.ts'
import { planRetention, type RetentionRule, type TagFacts } from './plan.ts'
import { listRetentionRules } from './records.ts'
import { type Place, takeAway } from './take-away.ts'

const repositoriesAtOnce = 100
/** A repository in which others are at work is planned anew, but not for ever: there is a next run. */
const mostPlans = 10

const listRepositories = (sql: Sql, project: string, after: string): Promise<readonly Place[]> =>
  sql<Place>`
    SELECT id, name FROM repository WHERE project = ${project} AND name > ${after} AND deleted_at IS NULL
    ORDER BY name LIMIT ${repositoriesAtOnce}`

/** What would go in one repository, of how many tags. */
const planFor = async (sql: Sql, rules: readonly RetentionRule[], { id, name }: Place) => {
  const tags = await sql<TagFacts>`
    SELECT name, digest, moved_at AS "movedAt" FROM tag WHERE repository_id = ${id} ORDER BY moved_at DESC, name`
  const ruleFor = await immutableTagsOf(sql, id)
  const facts = { repository: name, tags, isImmutable: (tag: string) => ruleFor(tag) !== undefined }
  return { doomed: planRetention(rules, facts, new Date()), total: tags.length }
}

export interface PlanPage {
  readonly tags: readonly DoomedTag[]
  /** `team/app:v1`, which the next page is after; null: there is none. */
  readonly next: string | null
}

interface PlanQuery {
  readonly rules: readonly RetentionRule[]
  /** Exclusive; '' for the first page. */
  readonly after: string
  readonly limit: number
}

/** What these rules would take away, by repositories, in each the newest first. */
export const planPage = async (sql: Sql, project: string, { rules, after, limit }: PlanQuery): Promise<PlanPage> => {
  const [begun = '', tagBefore] = after.split(':')
  const found: DoomedTag[] = []
  const add = async (place: Place, tag?: string): Promise<void> => {
    const { doomed } = await planFor(sql, rules, place)
    for (const { name, ...row } of doomed.slice(doomed.findIndex(({ name }) => name === tag) + 1)) found.push(row)
  }
  const cut = (): PlanPage => {
    const tags = found.slice(0, limit)
    const end = tags.at(-1)
    return { tags, next: found.length > limit && end ? `${end.repository}:${end.tag}` : null }
  }
  const [first] = await sql<Place>`SELECT id, name FROM repository WHERE name = ${begun} AND project = ${project}`
  if (first) await add(first, tagBefore)
  for (let last = begun; found.length <= limit; ) {
    const places = await listRepositories(sql, project, last)
    for (const place of places) {
      if (found.length > limit) break
      await add(place)
      last = place.name
    }
    if (places.length < repositoriesAtOnce) break
  }
  return cut()
}

interface Parts {
  readonly database: Database
  readonly retention: Retention
}

/** Takes away what the rules don't keep in one repository, by the facts of each moment. Returns how many tags went. */
const applyIn = async (parts: Parts, project: string, place: Place, signal?: AbortSignal): Promise<number> => {
  const { sql } = parts.database
  let sum = 0
  for (let attempt = 0; attempt < mostPlans && !signal?.aborted; attempt++) {
    const rules = await listRetentionRules(sql, project)
    const { doomed, total } = await planFor(sql, rules, place)
    const { gone, isDone } = await takeAway(parts, { place, rules, doomed, total }, signal)
    sum += gone
    if (isDone) break
  }
  return sum
}

/** Takes away what a project's rules don't keep, into the trash. Returns how many tags went. */
export const applyRetention = async (parts: Parts, project: string, signal?: AbortSignal): Promise<number> => {
  let [sum, last] = [0, '']
  while (true) {
    const places = await listRepositories(parts.database.sql, project, last)
    for (const place of places) {
      sum += await applyIn(parts, project, place, signal)
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
