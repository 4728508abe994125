import type { ProjectRobot } from '@slipway/client'
import { type Action, invalid, notFound, type Sql } from '@slipway/core'
import { formatGrants } from '../access/pattern.ts'
import { makeAccessToken } from '../accounts/access-tokens.ts'
import { listGrants } from '../accounts/grants.ts'
import { addRobot } from '../accounts/records.ts'
import { removeAccount } from '../accounts/remove.ts'

const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?$/

export interface NewRobot {
  readonly project: string
  /** Without the project's. */
  readonly name: string
  readonly description: string
  readonly actions: readonly Action[]
  readonly expiresAt: Date | undefined
  readonly by: string | null
}

/** What a robot logs in as: no account of a person has a plus in its name, and no shell minds it. */
const accountNameOf = (project: string, name: string): string => `${project}+${name}`

const secretOf = (sql: Sql, account: string, expiresAt: Date | undefined) =>
  makeAccessToken(sql, { account, kind: 'access', name: 'robot', expiresAt })

/**
 * Makes an account for a program, for all of a project and nothing else. Its secret is told now and never again. Throws invalid,
 * or already-exists. In a transaction.
 */
export const addProjectRobot = async (sql: Sql, wanted: NewRobot): Promise<{ name: string; secret: string }> => {
  const { project, name, description, actions, expiresAt, by } = wanted
  if (!namePattern.test(name)) {
    throw invalid('a robot’s name has 1 to 32 lower-case letters, digits, and . _ - between them')
  }
  if (actions.includes('manage')) throw invalid('a robot may pull, push and delete')
  const account = accountNameOf(project, name)
  await addRobot(sql, account, { pattern: `${project}/**`, actions })
  await sql`
    INSERT INTO project_robot (account, project, description, created_by, created_at)
    VALUES (${account}, ${project}, ${description}, ${by}, ${new Date()})`
  return { name: account, secret: (await secretOf(sql, account, expiresAt)).text }
}

interface RobotRow extends Omit<ProjectRobot, 'rights'> {
  readonly token: string | null
}

/** A robot has one secret, or none any more. */
export const listProjectRobots = async (sql: Sql, project: string): Promise<readonly ProjectRobot[]> => {
  const rows = await sql<RobotRow>`
    SELECT account AS name, description, created_by AS "createdBy", project_robot.created_at AS "createdAt",
      (SELECT max(expires_at) FROM access_token WHERE access_token.account = project_robot.account) AS "expiresAt",
      (SELECT max(used_at) FROM access_token WHERE access_token.account = project_robot.account) AS "usedAt"
    FROM project_robot WHERE project = ${project} ORDER BY account`
  const robots = rows.map(async (row) => ({ ...row, rights: formatGrants(await listGrants(sql, row.name)) }))
  return Promise.all(robots)
}

const checkRobot = async (sql: Sql, project: string, account: string): Promise<void> => {
  const rows = await sql`SELECT 1 FROM project_robot WHERE project = ${project} AND account = ${account}`
  if (rows.length === 0) throw notFound('robot', account)
}

/** Ends it, and whatever logged in with it, at once. Throws not-found. In a transaction. */
export const removeProjectRobot = async (sql: Sql, project: string, account: string): Promise<void> => {
  await checkRobot(sql, project, account)
  await removeAccount(sql, account)
}

/** Gives it a new secret; the old one ends at once. Throws not-found. In a transaction. */
export const renewRobotSecret = async (
  sql: Sql,
  robot: { readonly project: string; readonly name: string; readonly expiresAt: Date | undefined },
): Promise<string> => {
  await checkRobot(sql, robot.project, robot.name)
  await sql`DELETE FROM access_token WHERE account = ${robot.name}`
  return (await secretOf(sql, robot.name, robot.expiresAt)).text
}
