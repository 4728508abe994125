import { randomBytes } from 'node:crypto'
import { conflict, notFound, type Sql } from '@slipway/core'
import { dropRefreshTokens } from '../../accounts/access-tokens.ts'
import { closeSessionsOf } from '../../hub/sessions.ts'
import type { Seal } from '../seal.ts'
import { makeRecoveryCodes, useRecoveryCode } from './recovery-codes.ts'
import { counterOfCode, secretBytes } from './totp.ts'

const purpose = 'second factor'

interface Row {
  readonly secret: string
  readonly confirmedAt: string | null
}

const findRow = async (sql: Sql, account: string): Promise<Row | undefined> => {
  const [row] = await sql<Row>`
    SELECT secret, confirmed_at AS "confirmedAt" FROM second_factor WHERE account = ${account}`
  return row
}

/** Begins: a secret that is worth nothing before a code of it was shown. Throws conflict when there is one that is. */
export const beginSecondFactor = async (sql: Sql, seal: Seal, account: string): Promise<Uint8Array> => {
  const secret = randomBytes(secretBytes)
  const rows = await sql`
    INSERT INTO second_factor (account, secret, created_at, last_counter)
    VALUES (${account}, ${seal.close(purpose, secret)}, ${new Date()}, 0)
    ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
      WHERE second_factor.confirmed_at IS NULL
    RETURNING account`
  if (rows.length === 0) throw conflict('this account has a second factor already')
  return secret
}

/** Whether the code is of a step after the last that was used: a code that somebody looked at is worth nothing. */
const takeCode = async (sql: Sql, seal: Seal, account: string, { secret }: Row, code: string): Promise<boolean> => {
  const opened = seal.open(purpose, secret)
  const counter = opened && counterOfCode(opened, code, Date.now())
  if (counter === undefined) return false
  const rows = await sql`
    UPDATE second_factor SET last_counter = ${counter}
    WHERE account = ${account} AND secret = ${secret} AND last_counter < ${counter} RETURNING account`
  return rows.length > 0
}

/**
 * Ends what was begun, with a code that the app shows: from now on each sign-in asks for one. Who was signed in with the password
 * alone isn't any more. Undefined: the code is wrong. Throws conflict when nothing was begun. In a transaction.
 */
export const confirmSecondFactor = async (
  sql: Sql,
  seal: Seal,
  account: string,
  code: string,
): Promise<readonly string[] | undefined> => {
  const row = await findRow(sql, account)
  if (row === undefined || row.confirmedAt !== null) throw conflict('begin with a new second factor first')
  if (!(await takeCode(sql, seal, account, row, code))) return undefined
  await sql`UPDATE second_factor SET confirmed_at = ${new Date()} WHERE account = ${account}`
  await dropRefreshTokens(sql, account)
  await closeSessionsOf(sql, account)
  return makeRecoveryCodes(sql, account)
}

/** Whether this is a code of the app, or one for recovery: either is used up by it. */
export const isSecondFactor = async (sql: Sql, seal: Seal, account: string, code: string): Promise<boolean> => {
  const row = await findRow(sql, account)
  if (row === undefined || row.confirmedAt === null) return false
  const text = code.replace(/\s/g, '')
  return /^\d{6}$/.test(text) ? takeCode(sql, seal, account, row, text) : useRecoveryCode(sql, account, text)
}

/** Takes it away, with its recovery codes. */
export const dropSecondFactor = async (sql: Sql, account: string): Promise<void> => {
  await sql`DELETE FROM second_factor WHERE account = ${account}`
  await sql`DELETE FROM recovery_code WHERE account = ${account}`
}

/** For who has lost the phone and the codes: by who manages. All sessions end. Throws not-found. In a transaction. */
export const resetSecondFactor = async (sql: Sql, account: string): Promise<void> => {
  const known = await sql`SELECT 1 FROM account WHERE name = ${account} AND kind = 'user'`
  if (known.length === 0) throw notFound('account', account)
  await dropSecondFactor(sql, account)
  await closeSessionsOf(sql, account)
}

/** Whether the account must have one. Throws not-found. */
export const requireSecondFactor = async (sql: Sql, account: string, required: boolean): Promise<void> => {
  const rows = await sql`
    UPDATE account SET second_factor_required = ${required} WHERE name = ${account} AND kind = 'user' RETURNING name`
  if (rows.length === 0) throw notFound('account', account)
}
