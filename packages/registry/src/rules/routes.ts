import {
  MadeRule,
  NewRule,
  PlannedRule,
  RetentionPlan,
  RetentionPlanQuery,
  RetentionRun,
  RuleList,
} from '@slipway/client/hub'
import { type ApiRoute, route } from '../api/route.ts'
import { inProject } from '../projects/who.ts'
import { deleteRule, getRules, postPlan, postRule, postRun } from './api.ts'

/** Which tags stay what they are, and which go with time. */
export const ruleRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/projects/{project}/rules', {
    id: 'listRules',
    summary: 'Which tags of a project are immutable, and which go with time',
    who: inProject('push'),
    answer: RuleList,
    handle: getRules,
  }),
  route('POST', '/api/v1/projects/{project}/rules', {
    id: 'addRule',
    summary: 'Adds a rule; one of retention is applied for the first time a day later',
    who: inProject('delete'),
    deed: 'rule.make',
    body: NewRule,
    status: 201,
    answer: MadeRule,
    handle: postRule,
  }),
  route('DELETE', '/api/v1/projects/{project}/rules/{rule}', {
    id: 'removeRule',
    summary: 'Removes a rule',
    who: inProject('delete'),
    deed: 'rule.remove',
    handle: deleteRule,
  }),
  route('POST', '/api/v1/projects/{project}/retention/plan', {
    id: 'planRetention',
    summary: 'Which tags retention would take away now, and why; changes nothing',
    who: inProject('delete'),
    query: RetentionPlanQuery,
    body: PlannedRule,
    answer: RetentionPlan,
    handle: postPlan,
  }),
  route('POST', '/api/v1/projects/{project}/retention/run', {
    id: 'runRetention',
    summary: 'Takes away now what retention doesn’t keep, into the trash',
    who: inProject('delete'),
    deed: 'retention.run',
    answer: RetentionRun,
    handle: postRun,
  }),
]
