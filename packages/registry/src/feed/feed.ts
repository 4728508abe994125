import { setTimeout as rest } from 'node:timers/promises'
import { type Database, type Logger, messageOf } from '@slipway/core'
import { LateWriter } from '../late-writer.ts'
import { lastNumber } from './events.ts'
import { isAnyWaiting, notePullsInFeed, numberEvents, type Pulled } from './note.ts'

const lookEveryMs = 300
const pullsEveryMs = 1000
/** Names come from requests, and a feed is for people: what is more in a second isn't told. */
const mostPulls = 500

/**
 * Tells those who watch that something is new. Other processes over the same database have pushes too, so it looks into the
 * table, a few times a second, as long as somebody watches, and rests otherwise. Pulls are gathered for a second, those of one
 * thing in one row, so that no pull waits for a write; disposing writes what still waits.
 */
export class Feed implements AsyncDisposable {
  readonly #database: Database
  readonly #logger: Logger
  readonly #stop = new AbortController()
  /** One a watcher. */
  readonly #wakers = new Set<() => void>()
  #last = -1
  #looking: Promise<void> | undefined
  /** Ends the present rest between two looks. */
  #hurry = new AbortController()
  #pulls = new Map<string, Pulled>()
  readonly #pullWriter = new LateWriter(() => this.#writePulls())

  constructor(database: Database, logger: Logger) {
    this.#database = database
    this.#logger = logger
  }

  get watchers(): number {
    return this.#wakers.size
  }

  notePull({ repository, reference, digest }: Pick<Pulled, 'repository' | 'reference' | 'digest'>): void {
    const key = `${repository} ${reference}`
    const known = this.#pulls.get(key)
    if (known === undefined && this.#pulls.size >= mostPulls) return
    this.#pulls.set(key, { repository, reference, digest, times: (known?.times ?? 0) + 1, at: new Date() })
    this.#pullWriter.writeIn(pullsEveryMs)
  }

  /** Gives numbers to what is there, and tells the newest. */
  async catchUp(): Promise<number> {
    while (await isAnyWaiting(this.#database.sql)) await this.#database.transaction(numberEvents)
    return lastNumber(this.#database.sql)
  }

  /**
   * The number of the newest each time that it is another one, beginning with the present one, until the signal is aborted. Who
   * is slow is told the newest alone, and asks for what came between.
   */
  async *watch(signal: AbortSignal): AsyncGenerator<number> {
    let wake = (): void => undefined
    const waker = (): void => wake()
    this.#wakers.add(waker)
    signal.addEventListener('abort', waker)
    // What was looked up last may be some time ago.
    this.#hurry.abort()
    this.#looking ??= this.#look()
    const isOver = (): boolean => signal.aborted || this.#stop.signal.aborted
    try {
      for (let seen = -1; !isOver(); ) {
        if (this.#last > seen) {
          seen = this.#last
          yield seen
          continue
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      signal.removeEventListener('abort', waker)
      this.#wakers.delete(waker)
    }
  }

  /** Ends what everybody watches, and the looking. */
  end(): void {
    this.#stop.abort()
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#wakers) wake()
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop
    while (this.#wakers.size > 0 && !signal.aborted) {
      try {
        const last = await this.catchUp()
        const isNew = last !== this.#last
        this.#last = last
        if (isNew) this.#wake()
      } catch (error) {
        this.#logger.warn({ error: messageOf(error) }, 'the feed could not be read')
      }
      this.#hurry = new AbortController()
      await rest(lookEveryMs, undefined, { signal: AbortSignal.any([signal, this.#hurry.signal]) }).catch(
        () => undefined,
      )
    }
    this.#last = -1
    this.#looking = undefined
  }

  async #writePulls(): Promise<void> {
    const pulls = [...this.#pulls.values()]
    this.#pulls = new Map()
    if (pulls.length === 0) return
    try {
      await this.#database.transaction((sql) => notePullsInFeed(sql, pulls))
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, 'pulls could not be told to the feed')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end()
    await this.#looking
    await this.#pullWriter.flush()
  }
}
