import { type Database, type Logger, messageOf } from '@slipway/core'
import { LateWriter } from '../late-writer.ts'
import { type AuditEvent, newEventId, type RecordedEvent, recordEvents } from './events.ts'

const flushMs = 200
/** After a failure. */
const againMs = 5000
/** A database that is away for long must not fill the memory. */
const mostWaiting = 10_000

/**
 * What was done to the registry, and by whom: into the log at once, and into the database a moment later, many in one
 * transaction, so that no request waits for it. Disposing writes what still waits.
 */
export class AuditLog implements AsyncDisposable {
  readonly #database: Database
  readonly #logger: Logger
  #waiting: RecordedEvent[] = []
  readonly #writer = new LateWriter(() => this.#write())
  #lost = 0

  constructor(database: Database, logger: Logger) {
    this.#database = database
    this.#logger = logger
  }

  record(event: AuditEvent): void {
    this.#logger.info({ ...event }, 'audit')
    this.#keep(event, mostWaiting)
  }

  /** Into the database alone: for what happens often. It leaves room for the others. */
  recordQuietly(event: AuditEvent): void {
    this.#keep(event, mostWaiting / 2)
  }

  #keep(event: AuditEvent, most: number): void {
    if (this.#waiting.length >= most) {
      this.#lost += 1
      return
    }
    const now = new Date()
    this.#waiting.push({ ...event, id: newEventId(now), at: now.toISOString() })
    this.#writer.writeIn(flushMs)
  }

  /** Writes what waits; what can't be written now is tried again. */
  flush(): Promise<void> {
    return this.#writer.flush()
  }

  async #write(): Promise<void> {
    const events = this.#waiting
    if (events.length === 0) return
    this.#waiting = []
    try {
      await this.#database.transaction((sql) => recordEvents(sql, events))
      if (this.#lost > 0) this.#logger.warn({ lost: this.#lost }, 'audit events were not written: there were too many')
      this.#lost = 0
    } catch (error) {
      const waiting = [...events, ...this.#waiting]
      this.#waiting = waiting.slice(0, mostWaiting)
      this.#lost += waiting.length - this.#waiting.length
      this.#logger.warn({ error: messageOf(error), waiting: this.#waiting.length }, 'audit events could not be written')
      this.#writer.writeIn(againMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
  }
}
