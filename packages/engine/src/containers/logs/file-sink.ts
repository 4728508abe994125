import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { LogSink } from './container-log.ts'
import type { LogEntry } from './entry.ts'
import type { LogFormat } from './format.ts'

export interface LogLimits {
  /** Bytes of one file; Infinity: no rotation. */
  readonly maxSize: number
  /** Files kept, the current one included. */
  readonly maxFiles: number
  /** The rotated ones are gzipped. */
  readonly compress: boolean
}

export interface FileSinkOptions {
  readonly format: LogFormat
  readonly limits: LogLimits
  /** Hears when lines begin to be lost: no space, say. The container goes on. */
  readonly onFailure?: (error: unknown) => void
}

/** Renames what is there; false: nothing is. */
const moved = (from: string, to: string): boolean => {
  try {
    renameSync(from, to)
    return true
  } catch {
    return false
  }
}

/** Lines in files that take turns: a write to the page cache takes some 5 µs, less than a trip to the thread pool. */
export class FileSink implements LogSink {
  readonly path: string
  readonly #format: LogFormat
  readonly #limits: LogLimits
  readonly #onFailure: (error: unknown) => void
  #file: number
  #size: number
  #isFailing = false
  /** The number of the rotated file that is being compressed: it may move on meanwhile. */
  #compressing: number | undefined

  constructor(path: string, { format, limits, onFailure = () => undefined }: FileSinkOptions) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o710 })
    this.path = path
    this.#format = format
    this.#limits = limits
    this.#onFailure = onFailure
    this.#file = openSync(path, 'a', 0o640)
    this.#size = fstatSync(this.#file).size
  }

  /** What can't be written is lost, and nothing of it stays: half a line would spoil the next one. */
  write(entries: readonly LogEntry[]): void {
    const bytes = this.#format.encode(entries)
    if (bytes.length > this.#limits.maxSize && entries.length > 1) {
      // Read at once, but more than one file may hold.
      const half = Math.ceil(entries.length / 2)
      this.write(entries.slice(0, half))
      this.write(entries.slice(half))
      return
    }
    try {
      if (this.#size > 0 && this.#size + bytes.length > this.#limits.maxSize) this.#rotate()
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written)
      this.#size += bytes.length
      this.#isFailing = false
    } catch (error) {
      ftruncateSync(this.#file, this.#size)
      if (!this.#isFailing) this.#onFailure(error)
      this.#isFailing = true
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }

  #numbered(n: number): string {
    return n === 0 ? this.path : `${this.path}.${n}`
  }

  /** The new file is there before the old ones move: when it can't be made, all stays as it is. */
  #rotate(): void {
    const begun = `${this.path}.new`
    const file = openSync(begun, 'w', 0o640)
    const last = this.#limits.maxFiles - 1
    for (const suffix of ['', '.gz']) rmSync(`${this.#numbered(last)}${suffix}`, { force: true })
    for (let n = last - 1; n >= 0; n -= 1) {
      for (const suffix of ['', '.gz']) moved(`${this.#numbered(n)}${suffix}`, `${this.#numbered(n + 1)}${suffix}`)
    }
    renameSync(begun, this.path)
    closeSync(this.#file)
    this.#file = file
    this.#size = 0
    if (this.#compressing !== undefined) this.#compressing += 1
    else if (this.#limits.compress && last > 0) void this.#compress().catch(this.#onFailure)
  }

  /** Beside the writing. A file that rotation has taken away, or has overtaken, stays as it is. */
  async #compress(): Promise<void> {
    const begun = `${this.path}.gz-new`
    // Opened at once: by that name it may be another's soon.
    const from = createReadStream('', { fd: openSync(this.#numbered(1), 'r') })
    this.#compressing = 1
    try {
      await pipeline(from, createGzip(), createWriteStream(begun, { mode: 0o640 }))
      const now = this.#numbered(this.#compressing)
      // Nothing else happens between these two.
      if (this.#compressing < this.#limits.maxFiles && moved(begun, `${now}.gz`)) rmSync(now, { force: true })
    } finally {
      this.#compressing = undefined
      rmSync(begun, { force: true })
    }
  }
}
