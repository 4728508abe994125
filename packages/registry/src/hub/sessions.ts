import { createHash, randomBytes } from 'node:crypto'
import { notFound, type Sql } from '@slipway/core'

/** From the sign-in, whether it is used or not. */
const lifeMs = 12 * 60 * 60 * 1000
/** A page makes a dozen requests: its use is noted once in so long. */
const noteEveryMs = 5 * 60 * 1000
const longestAgent = 300

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** What is shown of a digest: enough to tell sessions apart, and of no use to whoever reads it. */
const idLetters = 16

export interface NewSession {
  readonly account: string
  /** Where the browser was seen, and what it calls itself. */
  readonly address: string
  readonly agent: string
  /** It began with a code of the second factor. */
  readonly showedCode?: boolean
}

/** Opens a session; its secret is the cookie's value, new for each sign-in. */
export const openSession = async (
  sql: Sql,
  { account, address, agent, showedCode = false }: NewSession,
): Promise<string> => {
  const secret = randomBytes(32).toString('base64url')
  const now = Date.now()
  await sql`
    INSERT INTO browser_session (digest, account, created_at, expires_at, address, agent, used_at, code_at)
    VALUES (${digestOf(secret)}, ${account}, ${new Date(now)}, ${new Date(now + lifeMs)},
      ${address}, ${agent.slice(0, longestAgent)}, ${new Date(now)}, ${showedCode ? new Date(now) : null})`
  return secret
}

/** Who has just shown a code needn't show another at once. */
const codeHoldsMs = 5 * 60 * 1000

/** Whether a code of the second factor was shown in this session a moment ago. */
export const hasJustShownCode = async (sql: Sql, secret: string): Promise<boolean> => {
  const rows = await sql`
    SELECT 1 FROM browser_session
    WHERE digest = ${digestOf(secret)} AND code_at > ${new Date(Date.now() - codeHoldsMs)}`
  return rows.length > 0
}

/** Whose session it is; undefined when it is none, or over. */
export const accountOfSession = async (sql: Sql, secret: string): Promise<string | undefined> => {
  const now = Date.now()
  const [row] = await sql<{ account: string; usedAt: string | null }>`
    SELECT account, used_at AS "usedAt" FROM browser_session
    WHERE digest = ${digestOf(secret)} AND expires_at > ${new Date(now)}`
  if (row !== undefined && (row.usedAt === null || Date.parse(row.usedAt) < now - noteEveryMs)) {
    await sql`UPDATE browser_session SET used_at = ${new Date(now)} WHERE digest = ${digestOf(secret)}`
  }
  return row?.account
}

export interface ListedSession {
  readonly id: string
  readonly address: string
  readonly agent: string
  readonly createdAt: string
  readonly usedAt: string | null
  /** Of the browser that asks. */
  readonly isThis: boolean
}

/** An account's sessions, the newest first; `secret` is the asking browser's own. */
export const listSessions = async (sql: Sql, account: string, secret = ''): Promise<readonly ListedSession[]> => {
  const rows = await sql<Omit<ListedSession, 'id' | 'isThis'> & { digest: string }>`
    SELECT digest, address, agent, created_at AS "createdAt", used_at AS "usedAt" FROM browser_session
    WHERE account = ${account} AND expires_at > ${new Date()} ORDER BY created_at DESC, digest`
  return rows.map(({ digest, ...row }) => ({
    id: digest.slice(0, idLetters),
    ...row,
    isThis: digest === digestOf(secret),
  }))
}

/** Throws not-found. */
export const endSession = async (sql: Sql, account: string, id: string): Promise<void> => {
  const rows = await sql`
    DELETE FROM browser_session
    WHERE account = ${account} AND substr(digest, 1, ${idLetters}) = ${id} RETURNING account`
  if (rows.length === 0) throw notFound('session', id)
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
