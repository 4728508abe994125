import { randomBytes } from 'node:crypto'
import type { Sql } from '@slipway/core'

export interface AuditEvent {
  /** Null for a stranger, where strangers may. */
  readonly account: string | null
  readonly address: string
  /** `manifest.push`, `tag.delete`, `login.failed`. */
  readonly action: string
  readonly repository: string | null
  /** What it was done to: a tag, a digest, a token's id. */
  readonly subject: string | null
  readonly requestId: string
}

export interface RecordedEvent extends AuditEvent {
  readonly id: string
  readonly at: string
}

/** Milliseconds in hexadecimal, then what makes it the only one. */
export const newEventId = (now: Date): string =>
  `${now.getTime().toString(16).padStart(12, '0')}${randomBytes(8).toString('hex')}`

export const recordEvent = async (sql: Sql, { id, at, ...event }: RecordedEvent): Promise<void> => {
  await sql`
    INSERT INTO audit_event (id, at, account, address, action, repository, subject, request_id)
    VALUES (${id}, ${at}, ${event.account}, ${event.address}, ${event.action}, ${event.repository}, ${event.subject},
      ${event.requestId})`
}

export interface AuditQuery {
  /** Undefined: of all. */
  readonly repository?: string | undefined
  /** Exclusive; '' for the newest. */
  readonly before: string
  readonly limit: number
}

/** What happened, the newest first. */
export const listEvents = (sql: Sql, { repository, before, limit }: AuditQuery): Promise<readonly RecordedEvent[]> =>
  sql<RecordedEvent>`
    SELECT id, at, account, address, action, repository, subject, request_id AS "requestId" FROM audit_event
    WHERE (${repository === undefined} OR repository = ${repository ?? ''})
      AND (${before === ''} OR id < ${before})
    ORDER BY id DESC LIMIT ${limit}`

export const dropOldEvents = async (sql: Sql, before: Date): Promise<void> => {
  await sql`DELETE FROM audit_event WHERE at < ${before}`
}
