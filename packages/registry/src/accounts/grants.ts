import { type Action, notFound, type Sql } from '@slipway/core'
import { type Grant, likeOf } from '../access/pattern.ts'

/** What an account may do, from now on; a pattern that it has already gets these actions instead. Throws not-found. */
export const giveGrant = async (sql: Sql, account: string, { pattern, actions }: Grant): Promise<void> => {
  if ((await sql`SELECT 1 FROM account WHERE name = ${account}`).length === 0) throw notFound('account', account)
  await sql`
    INSERT INTO account_grant (account, pattern, names, actions)
    VALUES (${account}, ${pattern}, ${likeOf(pattern)}, ${actions.join(',')})
    ON CONFLICT (account, pattern) DO UPDATE SET actions = excluded.actions`
}

/** Throws not-found. */
export const takeGrant = async (sql: Sql, account: string, pattern: string): Promise<void> => {
  const rows = await sql`
    DELETE FROM account_grant WHERE account = ${account} AND pattern = ${pattern} RETURNING pattern`
  if (rows.length === 0) throw notFound('grant', `${account} ${pattern}`)
}

export const listGrants = async (sql: Sql, account: string): Promise<readonly Grant[]> => {
  const rows = await sql<{ pattern: string; actions: string }>`
    SELECT pattern, actions FROM account_grant WHERE account = ${account} ORDER BY pattern`
  return rows.map(({ pattern, actions }) => ({ pattern, actions: actions.split(',') as Action[] }))
}

/** Those of several accounts, by account; `from` and `to` are the first and the last by name. */
export const listGrantsBetween = async (
  sql: Sql,
  from: string,
  to: string,
): Promise<ReadonlyMap<string, readonly Grant[]>> => {
  const rows = await sql<{ account: string; pattern: string; actions: string }>`
    SELECT account, pattern, actions FROM account_grant WHERE account >= ${from} AND account <= ${to}
    ORDER BY account, pattern`
  return Map.groupBy(
    rows.map(({ actions, ...row }) => ({ ...row, actions: actions.split(',') as Action[] })),
    ({ account }) => account,
  )
}

/** Whether the account was given this action on a repository, or has it as a member of its project. */
export const isGranted = async (sql: Sql, account: string, action: Action, repository: string): Promise<boolean> => {
  const rows = await sql<{ actions: string }>`
    SELECT actions FROM account_right
    WHERE account = ${account} AND ${repository} LIKE names ESCAPE '\\'`
  return rows.some(({ actions }) => actions.split(',').includes(action))
}

/** Whether the account was given this action on everything: what the registry itself is managed with. */
export const isGrantedEverywhere = async (sql: Sql, account: string, action: Action): Promise<boolean> => {
  const grants = await listGrants(sql, account)
  return grants.some(({ pattern, actions }) => pattern === '**' && actions.includes(action))
}
