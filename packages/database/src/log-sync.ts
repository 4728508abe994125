import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasErrno } from '@slipway/core'
import { unavailable } from './sqlite-error.ts'

/**
 * Brings what was committed to the disk: once for everyone who has committed by then, and on a pool thread, so that nobody
 * else waits for it.
 *
 * SQLite appends commits to its write-ahead log, one behind the other, and takes nothing out of it before it is in the
 * database and on the disk. So whoever has committed is safe as soon as the log, whatever else is in it, is synced.
 */
export class LogSync {
  readonly #path: string
  #file: FileHandle | undefined
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  /** Of the database file at `path`, in WAL mode. */
  constructor(path: string) {
    this.#path = path
  }

  /** Resolves when all that was committed before the call is on the disk. Throws unavailable when it can't be known. */
  reached(): Promise<void> {
    if (this.#running === undefined) return this.#begin()
    // The one under way may have begun before the last commit.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#begin()
      })
    return this.#next
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#next ?? this.#running)?.catch(() => undefined)
    await this.#file?.close()
    this.#file = undefined
  }

  #begin(): Promise<void> {
    this.#running = this.#sync().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #sync(): Promise<void> {
    try {
      this.#file ??= await this.#open()
      await this.#file?.datasync()
    } catch (error) {
      throw unavailable('what was written can’t be brought to the disk', 60, error)
    }
  }

  /** Undefined where there is no log, and so nothing in it. */
  async #open(): Promise<FileHandle | undefined> {
    try {
      const file = await open(`${this.#path}-wal`)
      // The log's name must last as well.
      await using directory = await open(dirname(this.#path))
      await directory.sync()
      return file
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined
      throw error
    }
  }
}
