import type {
  DoomedTag,
  MadeRule,
  NewRule,
  PlannedRule,
  ProjectRule,
  RetentionPlan,
  RetentionRun,
  RuleList,
} from '../wire/hub/index.ts'
import { type HubClient, rowsOf } from './hub-client.ts'

const at = (project: string): string => `/projects/${encodeURIComponent(project)}`

export const listRules = async (hub: HubClient, project: string): Promise<readonly ProjectRule[]> =>
  (await hub.json<RuleList>({ path: `${at(project)}/rules` })).rules

/** Returns its id. */
export const addRule = async (hub: HubClient, project: string, rule: NewRule): Promise<string> =>
  (await hub.json<MadeRule>({ method: 'POST', path: `${at(project)}/rules`, json: rule })).id

export const removeRule = (hub: HubClient, project: string, id: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `${at(project)}/rules/${encodeURIComponent(id)}` })

/** What retention would remove, with one rule more perhaps, and why. */
export const planRetention = (
  hub: HubClient,
  project: string,
  rule: Partial<PlannedRule> = {},
): AsyncIterable<DoomedTag> =>
  rowsOf<RetentionPlan, DoomedTag>(
    hub,
    { method: 'POST', path: `${at(project)}/retention/plan`, json: rule },
    ({ tags }) => tags,
  )

/** Removes it now; how many tags went. */
export const runRetention = async (hub: HubClient, project: string): Promise<number> =>
  (await hub.json<RetentionRun>({ method: 'POST', path: `${at(project)}/retention/run` })).tags
