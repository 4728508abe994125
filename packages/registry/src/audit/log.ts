import { type Database, type Logger, messageOf } from '@slipway/core'
import { type AuditEvent, newEventId, type RecordedEvent, recordEvent } from './events.ts'

const flushMs = 200
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
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(database: Database, logger: Logger) {
    this.#database = database
    this.#logger = logger
  }

  record(event: AuditEvent): void {
    const now = new Date()
    this.#logger.info({ ...event }, 'audit')
    if (this.#waiting.length >= mostWaiting) return
    this.#waiting.push({ ...event, id: newEventId(now), at: now.toISOString() })
    this.#timer ??= setTimeout(() => void this.flush(), flushMs).unref()
  }

  /** Writes what waits; what can't be written now is tried again with the next. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const events = this.#waiting
    if (events.length === 0) return
    this.#waiting = []
    try {
      await this.#database.transaction(async (sql) => {
        for (const event of events) await recordEvent(sql, event)
      })
    } catch (error) {
      this.#waiting = [...events, ...this.#waiting].slice(0, mostWaiting)
      this.#logger.warn({ error: messageOf(error), waiting: this.#waiting.length }, 'audit events could not be written')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
  }
}
