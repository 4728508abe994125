import { Checkpoints } from './checkpoints.ts'
import { LogSync, notOnDisk } from './log-sync.ts'
import { isIoError } from './sqlite-error.ts'

/** Pages of the log that aren't in the database yet. */
export interface LogState {
  readonly pages: number
  readonly waiting: number
}

/** What a log needs to know of the database that it is of. */
export interface LogOwner {
  /** While no transaction is open; costs a microsecond. */
  state(): LogState
  /** Runs `body` while nobody writes; reading goes on. */
  still(body: () => Promise<void>): Promise<void>
}

/** What SQLite would take by itself. */
const checkpointAt = 1000
/** A log of 32 MiB: those who write never let a checkpoint come to the end, and so it grows. */
const longest = 8192

/**
 * The write-ahead log of a database, which we sync, and take into the database, aside of the event loop.
 *
 * Checkpoints go on beside those who write. Only a log that has become long is taken in to its end while nobody writes: then
 * the next write begins it anew.
 *
 * A log whose sync failed is refused: nothing more is written to it or promised before a checkpoint has brought all of it into
 * the database, and that is synced.
 */
export class WriteAheadLog implements AsyncDisposable {
  readonly #owner: LogOwner
  readonly #sync: LogSync
  readonly #checkpoints: Checkpoints
  #state: LogState = { pages: 0, waiting: 0 }
  #taking: Promise<void> | undefined
  #mending: Promise<void> | undefined

  /** Of the database file at `path`. */
  constructor(path: string, owner: LogOwner) {
    this.#owner = owner
    this.#sync = new LogSync(path)
    this.#checkpoints = new Checkpoints(path)
  }

  /** Whether it must be mended before anything is written. */
  get isRefused(): boolean {
    return this.#sync.isRefused
  }

  /** Resolves when it can be trusted again. Throws unavailable as long as it can't. */
  mended(): Promise<void> {
    this.#mending ??= this.#mend().finally(() => {
      this.#mending = undefined
    })
    return this.#mending
  }

  /** After a write, while no transaction is open. */
  grew(): void {
    this.#state = this.#owner.state()
    if (this.#taking !== undefined || this.#state.waiting < checkpointAt) return
    this.#taking = this.#take().finally(() => {
      this.#taking = undefined
    })
  }

  /** Resolves when what was written before is on the disk. Throws unavailable when that can't be known. */
  reached(): Promise<void> {
    return this.#sync.reached()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mending?.catch(() => undefined)
    await this.#taking
    await this.#checkpoints[Symbol.asyncDispose]()
    await this.#sync[Symbol.asyncDispose]()
  }

  async #take(): Promise<void> {
    try {
      await this.#checkpoints.run()
      if (this.#state.pages > longest) await this.#owner.still(() => this.#checkpoints.run())
    } catch (error) {
      // Where there is no space, or no thread, all stays in the log. A disk that fails has told us, and won’t tell again.
      if (isIoError(error)) this.#sync.refuse(error)
    }
  }

  async #mend(): Promise<void> {
    await this.#owner.still(async () => {
      try {
        await this.#checkpoints.run()
      } catch (error) {
        throw notOnDisk(error)
      }
      const { waiting } = this.#owner.state()
      if (waiting > 0) throw notOnDisk(new Error(`${waiting} pages of the log are still being read`))
      this.#sync.trust()
    })
  }
}
