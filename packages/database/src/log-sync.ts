import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasErrno } from '@slipway/core'
import { unavailable } from './sqlite-error.ts'

export const notOnDisk = (cause: unknown): Error =>
  unavailable('what was written can’t be brought to the disk', 60, cause)

/**
 * Brings what was committed to the disk: once for everyone who has committed by then, and on a pool thread, so that nobody
 * else waits for it.
 *
 * SQLite appends commits to its write-ahead log, one behind the other, and takes nothing out of it before it is in the
 * database and on the disk. So whoever has committed is safe as soon as the log, whatever else is in it, is synced.
 *
 * After a sync that failed the next one proves nothing: the kernel reports an error once, and may have dropped what it was
 * about. So a log that failed stays refused until somebody knows that what is in it is safe in another way.
 */
export class LogSync {
  readonly #path: string
  #file: FileHandle | undefined
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #failure: { readonly cause: unknown } | undefined

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

  /** Whether nothing that is in the log can be promised. */
  get isRefused(): boolean {
    return this.#failure !== undefined
  }

  /** What is in the log may not be on the disk, because of `cause`. */
  refuse(cause: unknown): void {
    this.#failure ??= { cause }
  }

  /** All that is in the log is on the disk elsewhere, or will be written anew. */
  trust(): void {
    this.#failure = undefined
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
      if (this.#failure === undefined) {
        this.#file ??= await this.#open()
        await this.#file?.datasync()
      }
    } catch (error) {
      this.refuse(error)
    }
    if (this.#failure !== undefined) throw notOnDisk(this.#failure.cause)
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
