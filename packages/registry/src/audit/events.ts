import { randomBytes } from 'node:crypto'
import type { Sql, SqlValue } from '@slipway/core'

export interface AuditEvent {
  /** Null for a stranger, where strangers may, and for who works on the machine itself. */
  readonly account: string | null
  /** Where it was asked for; `command line (ann)` by that user of the machine. */
  readonly address: string
  /** `manifest.push`, `tag.delete`, `login.failed`. */
  readonly action: string
  readonly repository: string | null
  /** What it was done to: a tag, a digest, a token's id. */
  readonly subject: string | null
  /** More about it: what was granted, for how long. */
  readonly detail: string | null
  readonly requestId: string
}

export interface RecordedEvent extends AuditEvent {
  readonly id: string
  readonly at: string
}

/** Where the ids of all events begin that happened then or later: milliseconds in hexadecimal, so that ids sort by time. */
export const idsFrom = (time: Date): string => Math.max(0, time.getTime()).toString(16).padStart(12, '0')

/** The time, then what makes it the only one. */
export const newEventId = (now: Date): string => `${idsFrom(now)}${randomBytes(8).toString('hex')}`

const columns = ['id', 'at', 'account', 'address', 'action', 'repository', 'subject', 'detail', 'request_id']

const valuesOf = (event: RecordedEvent): readonly SqlValue[] => {
  const { id, at, account, address, action, repository, subject, detail, requestId } = event
  return [id, at, account, address, action, repository, subject, detail, requestId]
}

const insertOf = (rows: number): TemplateStringsArray => {
  const between = Array.from({ length: columns.length - 1 }, () => ', ')
  const strings = Array.from({ length: rows }, (_, at) => [at === 0 ? '' : '), (', ...between]).flat()
  strings[0] = `INSERT INTO audit_event (${columns}) VALUES (`
  return Object.assign([...strings, ')'], { raw: [] })
}

const rowsAtOnce = 50
const insertOne = insertOf(1)
const insertMany = insertOf(rowsAtOnce)

/** Writes them, many with one statement: to a database over the network each statement is a journey. */
export const recordEvents = async (sql: Sql, events: readonly RecordedEvent[]): Promise<void> => {
  const many = events.length - (events.length % rowsAtOnce)
  for (let at = 0; at < many; at += rowsAtOnce) {
    await sql(insertMany, ...events.slice(at, at + rowsAtOnce).flatMap(valuesOf))
  }
  for (const event of events.slice(many)) await sql(insertOne, ...valuesOf(event))
}

export const dropOldEvents = async (sql: Sql, before: Date): Promise<void> => {
  await sql`DELETE FROM audit_event WHERE at < ${before}`
}
