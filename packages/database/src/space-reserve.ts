import { rm, statfs, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Database, type Logger, messageOf, type Sql } from '@slipway/core'
import { isFull } from './sqlite-error.ts'

/** Enough for some hundred records; SQLite writes 4 KiB for each page that changes. */
const size = 2 << 20
/** With less the reserve would be most of it. */
const leastFree = 2 * size
const refillEvery = 30_000
const leastRest = 1000

/**
 * A file that only takes space. Whatever fills the disk must not keep us from writing down what was removed, since that is what
 * frees the space: then the file goes, and comes back when there is space again.
 */
export class SpaceReserve implements Disposable {
  readonly #path: string
  readonly #logger: Logger
  #isHeld = false
  #isTold = false
  #triedAt = 0
  #refilling: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  private constructor(path: string, logger: Logger) {
    this.#path = path
    this.#logger = logger
  }

  static async open(path: string, logger: Logger): Promise<SpaceReserve> {
    const reserve = new SpaceReserve(path, logger)
    await reserve.#refill()
    return reserve
  }

  /** Whether it holds its space; where it doesn't, it tries now, but not more than once a second. */
  async isKept(): Promise<boolean> {
    if (!this.#isHeld && performance.now() - this.#triedAt > leastRest) await this.#refill()
    return this.#isHeld
  }

  /** Gives the space back, unless it was given already. */
  async release(): Promise<void> {
    if (!this.#isHeld) return
    this.#isHeld = false
    await rm(this.#path, { force: true })
    this.#logger.warn({ path: this.#path }, 'no space is left: the reserve is used')
    this.#refillLater()
  }

  #refill(): Promise<void> {
    clearTimeout(this.#timer)
    this.#refilling ??= this.#take().finally(() => {
      this.#refilling = undefined
      this.#triedAt = performance.now()
      if (!this.#isHeld) this.#refillLater()
    })
    return this.#refilling
  }

  async #take(): Promise<void> {
    try {
      // Of an earlier start; what it holds is no free space.
      await rm(this.#path, { force: true })
      const { bavail, bsize } = await statfs(dirname(this.#path))
      if (bavail * bsize < leastFree) throw new Error('no space left on device')
      await writeFile(this.#path, Buffer.alloc(size), { mode: 0o600 })
      this.#isHeld = true
      this.#isTold = false
    } catch (error) {
      await rm(this.#path, { force: true })
      if (!this.#isTold)
        this.#logger.warn({ path: this.#path, error: messageOf(error) }, 'no space can be kept in reserve')
      this.#isTold = true
    }
  }

  #refillLater(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#refill(), refillEvery).unref()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

/** The same database, which goes on with the reserve when the disk is full. */
export const withReserve = (database: Database, reserve: SpaceReserve): Database => {
  const retry = async <T>(attempt: () => Promise<T>): Promise<T> => {
    try {
      return await attempt()
    } catch (error) {
      if (!isFull(error)) throw error
      await reserve.release()
      return attempt()
    }
  }
  const sql: Sql = (text, ...values) => retry(() => database.sql(text, ...values))
  return {
    dialect: database.dialect,
    sql,
    // What failed was rolled back: its body begins again from nothing.
    transaction: (body) => retry(() => database.transaction(body)),
    migrate: (migrations) => database.migrate(migrations),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
