import type { Sql } from '@slipway/core'
import type { QueueEntry } from '../metadata/queue.ts'
import type { Retention } from '../metadata/retention.ts'

/** What became of one entry of the queue. */
export interface Verdict {
  readonly collected: boolean
  readonly freedBytes: number
  /** To be looked at again then. */
  readonly again?: Date
}

/** Looks at the facts behind one entry that was taken out of the queue, in the same transaction. */
export type Review = (sql: Sql, retention: Retention, entry: QueueEntry) => Promise<Verdict>

/** Something holds it: it stays, until an event puts it into the queue again. */
export const done: Verdict = { collected: false, freedBytes: 0 }
export const collected: Verdict = { collected: true, freedBytes: 0 }
export const later = (again: Date): Verdict => ({ ...done, again })
