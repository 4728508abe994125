import { randomUUID } from 'node:crypto'
import type { ProjectRule } from '@slipway/client/hub'
import { conflict, invalid, notFound, type Sql } from '@slipway/core'
import type { RetentionRule } from './plan.ts'

export type RuleWish = Pick<ProjectRule, 'kind' | 'repositories' | 'tags' | 'keepLatest' | 'keepDays'>

const mostRules = 50
const patternLetters = /^[\w.*?/-]{1,128}$/

const checkPattern = (text: string): void => {
  if (patternLetters.test(text)) return
  throw invalid(
    `invalid pattern ${JSON.stringify(text.slice(0, 160))}: use letters of names, * for any of them, ? for one`,
  )
}

/** Throws invalid. */
export const checkRule = ({ kind, repositories, tags, keepLatest, keepDays }: RuleWish): void => {
  checkPattern(repositories)
  checkPattern(tags)
  const isPlain = keepLatest === null && keepDays === null
  if (kind === 'immutable' && !isPlain) throw invalid('an immutable rule keeps all that it names')
}

export const listRules = (sql: Sql, project: string): Promise<readonly ProjectRule[]> =>
  sql<ProjectRule>`
    SELECT id, kind, repositories, tags, keep_latest AS "keepLatest", keep_days AS "keepDays",
      created_by AS "createdBy", created_at AS "createdAt"
    FROM project_rule WHERE project = ${project} ORDER BY kind, created_at, id`

/** What a plan is made of. */
export const listRetentionRules = (sql: Sql, project: string): Promise<readonly RetentionRule[]> =>
  sql<RetentionRule>`
    SELECT repositories, tags, keep_latest AS "keepLatest", keep_days AS "keepDays" FROM project_rule
    WHERE project = ${project} AND kind = 'retention' ORDER BY created_at, id`

/**
 * Makes a rule. A retention rule is applied for the first time when the time between two runs is over: until then one can see
 * what it would do, and take it back. Throws invalid, or conflict. In a transaction.
 */
export const addRule = async (
  sql: Sql,
  project: string,
  wish: RuleWish,
  by: string | null,
): Promise<{ readonly id: string }> => {
  checkRule(wish)
  if ((await listRules(sql, project)).length >= mostRules) throw conflict(`a project has at most ${mostRules} rules`)
  const [id, now] = [randomUUID(), new Date()]
  await sql`
    INSERT INTO project_rule (id, project, kind, repositories, tags, keep_latest, keep_days, created_by, created_at)
    VALUES (${id}, ${project}, ${wish.kind}, ${wish.repositories}, ${wish.tags}, ${wish.keepLatest}, ${wish.keepDays},
      ${by}, ${now})`
  if (wish.kind === 'retention') await sql`UPDATE project SET retained_at = ${now} WHERE name = ${project}`
  return { id }
}

/** Throws not-found. */
export const removeRule = async (sql: Sql, project: string, id: string): Promise<void> => {
  const gone = await sql`DELETE FROM project_rule WHERE project = ${project} AND id = ${id} RETURNING id`
  if (gone.length === 0) throw notFound('rule', id)
}
