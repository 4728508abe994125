import { invalid, notFound, SlipwayError, type Sql } from '@slipway/core'
import { hashPassword, type ScryptCost } from './password.ts'

export interface Account {
  readonly name: string
  /** As `hashPassword()` writes it. */
  readonly password: string
}

const namePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?$/
const maximumPassword = 1024

const checkPassword = (password: string): void => {
  if (password === '') throw invalid('the password is empty')
  if (password.length > maximumPassword) throw invalid(`the password is longer than ${maximumPassword} characters`)
}

/** Throws invalid, or already-exists. */
export const addAccount = async (sql: Sql, name: string, password: string, cost?: ScryptCost): Promise<void> => {
  // A colon would end the name in a Basic header (RFC 7617, section 2).
  if (!namePattern.test(name)) {
    throw invalid(`invalid account name ${JSON.stringify(name)}: use 1 to 64 letters, digits, and . _ - between them`)
  }
  checkPassword(password)
  const now = new Date()
  const rows = await sql`
    INSERT INTO account (name, password, created_at, changed_at)
    VALUES (${name}, ${await hashPassword(password, cost)}, ${now}, ${now})
    ON CONFLICT (name) DO NOTHING RETURNING name`
  if (rows.length === 0) throw new SlipwayError('already-exists', `there is an account named ${name} already`)
}

/** Throws not-found. */
export const changePassword = async (sql: Sql, name: string, password: string): Promise<void> => {
  checkPassword(password)
  const hash = await hashPassword(password)
  const rows = await sql`
    UPDATE account SET password = ${hash}, changed_at = ${new Date()} WHERE name = ${name} RETURNING name`
  if (rows.length === 0) throw notFound('account', name)
}

/** Throws not-found. */
export const removeAccount = async (sql: Sql, name: string): Promise<void> => {
  const rows = await sql`DELETE FROM account WHERE name = ${name} RETURNING name`
  if (rows.length === 0) throw notFound('account', name)
}

export const findAccount = async (sql: Sql, name: string): Promise<Account | undefined> => {
  const rows = await sql<Account>`SELECT name, password FROM account WHERE name = ${name}`
  return rows[0]
}

export const listAccounts = async (
  sql: Sql,
): Promise<readonly { readonly name: string; readonly created_at: string }[]> =>
  sql`SELECT name, created_at FROM account ORDER BY name`

export const hasAccounts = async (sql: Sql): Promise<boolean> => (await sql`SELECT 1 FROM account LIMIT 1`).length > 0
