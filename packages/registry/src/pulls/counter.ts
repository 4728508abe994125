import { type Database, type Logger, messageOf } from '@slipway/core'
import { LateWriter } from '../late-writer.ts'

const flushMs = 5_000
/** Names come from requests: a database that is away for long must not fill the memory. */
const mostNames = 10_000

interface Pulls {
  readonly count: number
  readonly at: Date
}

/**
 * How often repositories were pulled: counted here, and written every few seconds, all in one transaction, so that no pull waits
 * for a write. A process that is killed forgets the last seconds. Disposing writes what still waits.
 */
export class PullCounter implements AsyncDisposable {
  readonly #database: Database
  readonly #logger: Logger
  #waiting = new Map<string, Pulls>()
  readonly #writer = new LateWriter(() => this.#write())

  constructor(database: Database, logger: Logger) {
    this.#database = database
    this.#logger = logger
  }

  count(repository: string): void {
    const known = this.#waiting.get(repository)
    if (known === undefined && this.#waiting.size >= mostNames) return
    this.#waiting.set(repository, { count: (known?.count ?? 0) + 1, at: new Date() })
    this.#writer.writeIn(flushMs)
  }

  /** Writes what waits; what can't be written now is tried again with the next. */
  flush(): Promise<void> {
    return this.#writer.flush()
  }

  async #write(): Promise<void> {
    const pulls = this.#waiting
    if (pulls.size === 0) return
    this.#waiting = new Map()
    try {
      await this.#database.transaction(async (sql) => {
        // In one order everywhere, so that two processes can't wait for one another.
        for (const [name, { count, at }] of [...pulls].sort(([one], [other]) => (one < other ? -1 : 1))) {
          await sql`UPDATE repository SET pulls = pulls + ${count}, pulled_at = ${at} WHERE name = ${name}`
        }
      })
    } catch (error) {
      for (const [name, { count, at }] of pulls) {
        const since = this.#waiting.get(name)
        this.#waiting.set(name, { count: count + (since?.count ?? 0), at: since?.at ?? at })
      }
      this.#logger.warn({ error: messageOf(error), repositories: pulls.size }, 'pulls could not be written')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
  }
}
