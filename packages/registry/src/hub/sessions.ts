import { createHash, randomBytes } from 'node:crypto'
import type { Sql } from '@slipway/core'

/** From the sign-in, whether it is used or not. */
const lifeMs = 12 * 60 * 60 * 1000

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Opens a session; its secret is the cookie's value, new for each sign-in. */
export const openSession = async (sql: Sql, account: string): Promise<string> => {
  const secret = randomBytes(32).toString('base64url')
  const now = Date.now()
  await sql`
    INSERT INTO browser_session (digest, account, created_at, expires_at)
    VALUES (${digestOf(secret)}, ${account}, ${new Date(now)}, ${new Date(now + lifeMs)})`
  return secret
}

/** Whose session it is; undefined when it is none, or over. */
export const accountOfSession = async (sql: Sql, secret: string): Promise<string | undefined> => {
  const rows = await sql<{ account: string }>`
    SELECT account FROM browser_session WHERE digest = ${digestOf(secret)} AND expires_at > ${new Date()}`
  return rows[0]?.account
}

export const closeSession = async (sql: Sql, secret: string): Promise<void> => {
  await sql`DELETE FROM browser_session WHERE digest = ${digestOf(secret)}`
}

/** Whoever changes a password wants others out. */
export const closeSessionsOf = async (sql: Sql, account: string): Promise<void> => {
  await sql`DELETE FROM browser_session WHERE account = ${account}`
}

export const dropExpiredSessions = async (sql: Sql, now: Date): Promise<void> => {
  await sql`DELETE FROM browser_session WHERE expires_at <= ${now}`
}
