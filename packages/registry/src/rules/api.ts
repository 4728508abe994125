import type {
  MadeRule,
  NewRule,
  PlannedRule,
  RetentionPlan,
  RetentionPlanQuery,
  RetentionRun,
  RuleList,
} from '@slipway/client/hub'
import { accountOf } from '../access/caller.ts'
import type { Asked } from '../api/route.ts'
import type { Registry } from '../registry.ts'
import { addRule, checkRule, listRetentionRules, listRules, type RuleWish, removeRule } from './records.ts'
import { applyRetention, planPage } from './retention.ts'

const tagsPlanned = 500

const wishFrom = ({ kind, repositories = '*', tags = '*', keepLatest, keepDays }: NewRule): RuleWish => ({
  kind,
  repositories,
  tags,
  keepLatest: keepLatest ?? null,
  keepDays: keepDays ?? null,
})

export const getRules = async ({ project }: Asked, { database: { sql } }: Registry): Promise<RuleList> => ({
  rules: await listRules(sql, project),
})

export const postRule = (
  { project, caller, body }: Asked<{ readonly body: NewRule }>,
  { database }: Registry,
): Promise<MadeRule> => database.transaction((sql) => addRule(sql, project, wishFrom(body), accountOf(caller)))

export const deleteRule = ({ project, params }: Asked, { database: { sql } }: Registry): Promise<void> =>
  removeRule(sql, project, params['rule'] ?? '')

/** What the retention rules would take away now, and why; with a rule in the body, what they would with that one more. */
export const postPlan = async (
  { project, body, query: { after = '' } }: Asked<{ readonly body: PlannedRule; readonly query: RetentionPlanQuery }>,
  { database: { sql } }: Registry,
): Promise<RetentionPlan> => {
  const { kind } = body
  const more = kind === undefined ? [] : [wishFrom({ ...body, kind })]
  for (const rule of more) checkRule(rule)
  const rules = [...(await listRetentionRules(sql, project)), ...more.filter((rule) => rule.kind === 'retention')]
  return planPage(sql, project, { rules, after, limit: tagsPlanned })
}

/** Now, not only when the time has come. */
export const postRun = async ({ project, signal }: Asked, registry: Registry): Promise<RetentionRun> => ({
  tags: await applyRetention(registry, project, signal),
})
