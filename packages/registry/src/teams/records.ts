import type { Team } from '@slipway/client'
import { invalid, notFound, SlipwayError, type Sql } from '@slipway/core'

const namePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?$/

/** By name, with the accounts in each. */
export const listTeams = async (
  sql: Sql,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Team[]> => {
  const teams = await sql<{ name: string; description: string }>`
    SELECT name, description FROM team WHERE name > ${page.after} ORDER BY name LIMIT ${page.limit}`
  const described = teams.map(async (team) => {
    const members = await sql<{ account: string }>`
      SELECT account FROM team_member WHERE team = ${team.name} ORDER BY account`
    return { ...team, members: members.map(({ account }) => account) }
  })
  return Promise.all(described)
}

/** Throws invalid, or already-exists. */
export const addTeam = async (sql: Sql, name: string, description: string): Promise<void> => {
  if (!namePattern.test(name)) {
    throw invalid(
      `invalid team name ${JSON.stringify(name.slice(0, 80))}: use 1 to 64 letters, digits, and . _ - between them`,
    )
  }
  const made = await sql`
    INSERT INTO team (name, description, created_at) VALUES (${name}, ${description}, ${new Date()})
    ON CONFLICT (name) DO NOTHING RETURNING name`
  if (made.length === 0) throw new SlipwayError('already-exists', `there is a team named ${name} already`)
}

/** Its members are members of nothing through it any more. Throws not-found. */
export const removeTeam = async (sql: Sql, name: string): Promise<void> => {
  const gone = await sql`DELETE FROM team WHERE name = ${name} RETURNING name`
  if (gone.length === 0) throw notFound('team', name)
}

/** Throws not-found. In a transaction. */
export const joinTeam = async (sql: Sql, team: string, account: string): Promise<void> => {
  if ((await sql`SELECT 1 FROM team WHERE name = ${team}`).length === 0) throw notFound('team', team)
  const known = await sql`SELECT 1 FROM account WHERE name = ${account} AND kind = 'user'`
  if (known.length === 0) throw notFound('account', account)
  await sql`
    INSERT INTO team_member (team, account) VALUES (${team}, ${account}) ON CONFLICT (team, account) DO NOTHING`
}

/** Throws not-found. */
export const leaveTeam = async (sql: Sql, team: string, account: string): Promise<void> => {
  const gone = await sql`DELETE FROM team_member WHERE team = ${team} AND account = ${account} RETURNING team`
  if (gone.length === 0) throw notFound('member', account)
}
