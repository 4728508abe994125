import { type Action, invalid, type Sql } from '@slipway/core'
import { allActions, type Grant, parseGrants } from '../../access/pattern.ts'
import { giveGrant } from '../../accounts/grants.ts'

/** What a group elsewhere means here: a team, or grants. */
export interface GroupRule {
  /** In lower case: directories tell no difference. */
  readonly group: string
  readonly team?: string
  readonly grants?: readonly Grant[]
}

const ruleFrom = (text: string): GroupRule => {
  // The last one: a group may be told by its distinguished name.
  const equals = text.lastIndexOf('=')
  const [group, right] = [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()]
  if (equals < 1 || group === '' || right === '') {
    throw invalid(`invalid group ${JSON.stringify(text.slice(0, 200))}: use GROUP=team NAME, or GROUP=PATTERN:ACTIONS`)
  }
  const team = /^team ([a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?)$/.exec(right)?.[1]
  return team === undefined ? { group, grants: parseGrants(right) } : { group, team }
}

/** `devs=team backend; cn=ops,ou=groups=**:*`. Throws invalid. */
export const parseGroupRules = (text: string): readonly GroupRule[] =>
  text
    .split(';')
    .filter((rule) => rule.trim() !== '')
    .map((rule) => ruleFrom(rule))

/** Who is in this group manages the registry. */
export const managersRule = (group: string): readonly GroupRule[] =>
  group === '' ? [] : [{ group: group.toLowerCase(), grants: [{ pattern: '**', actions: allActions }] }]

const followTeams = async (sql: Sql, account: string, rules: readonly GroupRule[], groups: ReadonlySet<string>) => {
  const teams = new Set(rules.flatMap(({ team }) => team ?? []))
  for (const team of teams) {
    const isIn = rules.some((rule) => rule.team === team && groups.has(rule.group))
    if (!isIn) {
      await sql`DELETE FROM team_member WHERE team = ${team} AND account = ${account}`
      continue
    }
    await sql`
      INSERT INTO team (name, created_at) VALUES (${team}, ${new Date()}) ON CONFLICT (name) DO NOTHING`
    await sql`
      INSERT INTO team_member (team, account) VALUES (${team}, ${account}) ON CONFLICT (team, account) DO NOTHING`
  }
}

const followGrants = async (sql: Sql, account: string, rules: readonly GroupRule[], groups: ReadonlySet<string>) => {
  const wanted = new Map<string, ReadonlySet<Action>>()
  for (const { group, grants = [] } of rules) {
    for (const { pattern, actions } of grants) {
      const before = wanted.get(pattern) ?? new Set()
      wanted.set(pattern, groups.has(group) ? new Set([...before, ...actions]) : before)
    }
  }
  for (const [pattern, given] of wanted) {
    const actions = allActions.filter((action) => given.has(action))
    if (actions.length > 0) await giveGrant(sql, account, { pattern, actions })
    else await sql`DELETE FROM account_grant WHERE account = ${account} AND pattern = ${pattern}`
  }
}

/**
 * What the rules name, the account has from now on exactly if it is in such a group: its places in these teams, its grants on
 * these patterns. All else it has is left alone. In a transaction.
 */
export const followGroups = async (
  sql: Sql,
  account: string,
  rules: readonly GroupRule[],
  told: readonly string[],
): Promise<void> => {
  const groups = new Set(told.map((group) => group.toLowerCase()))
  await followTeams(sql, account, rules, groups)
  await followGrants(sql, account, rules, groups)
}
