import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { invalid, notFound, type Sql } from '@slipway/core'
import { formatGrants, type Grant, parseGrants } from '../access/pattern.ts'

/**
 * A secret that stands for an account: in place of its password (`access`: a person's for one purpose, or a robot's), or for
 * getting tokens without one (`refresh`: what docker calls an identity token).
 */
export type AccessTokenKind = 'access' | 'refresh'

export interface AccessToken {
  readonly id: string
  readonly account: string
  /** What it is for, in its owner's words. */
  readonly name: string
  /** What it may at most; undefined: all that its account may. */
  readonly limits: readonly Grant[] | undefined
  readonly expiresAt: string | null
}

interface AccessTokenRow {
  readonly id: string
  readonly account: string
  readonly name: string
  readonly secret: string
  readonly limits: string | null
  readonly created_at: string
  readonly expires_at: string | null
  readonly used_at: string | null
}

const prefixes: Readonly<Record<AccessTokenKind, string>> = { access: 'slipway_at_', refresh: 'slipway_rt_' }
const textPattern = /^slipway_(at|rt)_([0-9a-f]{16})_([0-9a-f]{64})$/
const longestName = 128

const digestOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Whether a password looks like one of these. */
export const isAccessToken = (text: string): boolean => textPattern.test(text)

const fromRow = ({ id, account, name, limits, expires_at }: AccessTokenRow): AccessToken => ({
  id,
  account,
  name,
  limits: limits === null ? undefined : parseGrants(limits),
  expiresAt: expires_at,
})

export interface NewAccessToken {
  readonly account: string
  readonly kind: AccessTokenKind
  readonly name: string
  readonly limits?: readonly Grant[] | undefined
  readonly expiresAt?: Date | undefined
}

/** Makes one. Its text is returned, and nobody can look it up later. Throws invalid, or not-found. */
export const makeAccessToken = async (sql: Sql, wanted: NewAccessToken): Promise<{ id: string; text: string }> => {
  const { account, kind, name, limits, expiresAt } = wanted
  if (name === '' || name.length > longestName) throw invalid(`a token has a name of 1 to ${longestName} characters`)
  if ((await sql`SELECT 1 FROM account WHERE name = ${account}`).length === 0) throw notFound('account', account)
  const [id, secret] = [randomBytes(8).toString('hex'), randomBytes(32).toString('hex')]
  await sql`
    INSERT INTO access_token (id, account, kind, name, secret, limits, created_at, expires_at)
    VALUES (${id}, ${account}, ${kind}, ${name}, ${digestOfSecret(secret)},
      ${limits === undefined ? null : formatGrants(limits)}, ${new Date()}, ${expiresAt ?? null})`
  return { id, text: `${prefixes[kind]}${id}_${secret}` }
}

const hourMs = 60 * 60 * 1000

/** Noted at most once an hour: a pull makes dozens of requests. */
const noteUse = async (sql: Sql, { id, used_at }: AccessTokenRow): Promise<void> => {
  if (used_at !== null && Date.parse(used_at) > Date.now() - hourMs) return
  await sql`UPDATE access_token SET used_at = ${new Date()} WHERE id = ${id}`
}

/** The token that this is the text of; undefined when there is none (any more). */
export const findAccessToken = async (
  sql: Sql,
  text: string,
  kind: AccessTokenKind,
): Promise<AccessToken | undefined> => {
  const [, letters, id = '', secret = ''] = textPattern.exec(text) ?? []
  if (letters === undefined || !prefixes[kind].includes(`_${letters}_`)) return undefined
  const [row] = await sql<AccessTokenRow>`
    SELECT id, account, name, secret, limits, created_at, expires_at, used_at FROM access_token
    WHERE id = ${id} AND kind = ${kind} AND (expires_at IS NULL OR expires_at > ${new Date()})`
  if (row === undefined) return undefined
  if (!timingSafeEqual(Buffer.from(row.secret), Buffer.from(digestOfSecret(secret)))) return undefined
  await noteUse(sql, row)
  return fromRow(row)
}

/** Whether a token is still good: what was made with it goes on for minutes otherwise. */
export const isAccessTokenLive = async (sql: Sql, id: string): Promise<boolean> => {
  const rows = await sql`
    SELECT 1 FROM access_token WHERE id = ${id} AND (expires_at IS NULL OR expires_at > ${new Date()})`
  return rows.length > 0
}

export interface ListedAccessToken {
  readonly id: string
  readonly name: string
  readonly limits: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly usedAt: string | null
}

/** An account's access tokens, without their secrets. */
export const listAccessTokens = (sql: Sql, account: string): Promise<readonly ListedAccessToken[]> =>
  sql<ListedAccessToken>`
    SELECT id, name, limits, created_at AS "createdAt", expires_at AS "expiresAt", used_at AS "usedAt"
    FROM access_token WHERE account = ${account} AND kind = 'access' ORDER BY created_at, id`

/** Throws not-found. */
export const removeAccessToken = async (sql: Sql, account: string, id: string): Promise<void> => {
  const rows = await sql`DELETE FROM access_token WHERE account = ${account} AND id = ${id} RETURNING id`
  if (rows.length === 0) throw notFound('token', id)
}

/** After a password was changed, who was logged in with the old one isn't any more. */
export const dropRefreshTokens = async (sql: Sql, account: string): Promise<void> => {
  await sql`DELETE FROM access_token WHERE account = ${account} AND kind = 'refresh'`
}

export const dropExpiredAccessTokens = async (sql: Sql, now: Date): Promise<void> => {
  await sql`DELETE FROM access_token WHERE expires_at <= ${now}`
}
