import { createHash, randomBytes } from 'node:crypto'
import { invalid, notFound, type Sql } from '@slipway/core'
import { formatGrants, type Grant, parseGrants } from '../../access/pattern.ts'

const longestNote = 200
const mostLifeMs = 90 * 24 * 60 * 60 * 1000
const textPattern = /^slipway_in_([0-9a-f]{16})_([0-9a-f]{64})$/

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export interface NewInvitation {
  readonly by: string | null
  /** For whom it is, in the words of who made it. */
  readonly note: string
  /** What the account gets beside a project of its own name. */
  readonly grants: readonly Grant[]
  readonly expiresAt: Date
}

/** Makes one. Its text is told this once: only a digest is kept. Throws invalid. */
export const makeInvitation = async (sql: Sql, wanted: NewInvitation): Promise<{ id: string; text: string }> => {
  const { by, note, grants, expiresAt } = wanted
  if (note.length > longestNote) throw invalid(`the note is longer than ${longestNote} characters`)
  const now = new Date()
  if (expiresAt.getTime() - now.getTime() > mostLifeMs) throw invalid('an invitation is good for 90 days at most')
  const [id, secret] = [randomBytes(8).toString('hex'), randomBytes(32).toString('hex')]
  const text = `slipway_in_${id}_${secret}`
  await sql`
    INSERT INTO invitation (id, digest, note, grants, created_by, created_at, expires_at)
    VALUES (${id}, ${digestOf(text)}, ${note}, ${formatGrants(grants)}, ${by}, ${now}, ${expiresAt})`
  return { id, text }
}

export interface Invitation {
  readonly id: string
  readonly note: string
  readonly grants: string
  readonly createdBy: string | null
  readonly createdAt: string
  readonly expiresAt: string
}

/** Those that can still be used, the newest first. */
export const listInvitations = (sql: Sql): Promise<readonly Invitation[]> =>
  sql<Invitation>`
    SELECT id, note, grants, created_by AS "createdBy", created_at AS "createdAt", expires_at AS "expiresAt"
    FROM invitation WHERE expires_at > ${new Date()} ORDER BY created_at DESC, id LIMIT 500`

/** Throws not-found. */
export const removeInvitation = async (sql: Sql, id: string): Promise<void> => {
  const rows = await sql`DELETE FROM invitation WHERE id = ${id} RETURNING id`
  if (rows.length === 0) throw notFound('invitation', id)
}

/** Whether a text is an invitation that can still be used. */
export const isInvitation = async (sql: Sql, text: string): Promise<boolean> => {
  if (!textPattern.test(text)) return false
  const rows = await sql`SELECT 1 FROM invitation WHERE digest = ${digestOf(text)} AND expires_at > ${new Date()}`
  return rows.length > 0
}

/** Uses one up: what it grants; undefined when there is none (any more). Of two at once, one gets it. In a transaction. */
export const redeemInvitation = async (sql: Sql, text: string): Promise<readonly Grant[] | undefined> => {
  if (!textPattern.test(text)) return undefined
  const [row] = await sql<{ grants: string }>`
    DELETE FROM invitation WHERE digest = ${digestOf(text)} AND expires_at > ${new Date()} RETURNING grants`
  return row && parseGrants(row.grants)
}

export const dropExpiredInvitations = async (sql: Sql, now: Date): Promise<void> => {
  await sql`DELETE FROM invitation WHERE expires_at <= ${now}`
}
