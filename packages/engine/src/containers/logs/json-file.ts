import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export type LogStream = 'stdout' | 'stderr'

/** One line of docker's json-file format. `log` ends with a newline unless the line went on (it was longer than 16 KiB). */
export interface LogEntry {
  readonly log: string
  readonly stream: LogStream
  /** RFC 3339 with nanoseconds. */
  readonly time: string
}

export interface LogLimits {
  /** Bytes of one file; Infinity: no rotation. */
  readonly maxSize: number
  /** Files kept, the current one included. */
  readonly maxFiles: number
}

/** Bounded by default, unlike docker's: three files of 10 MB. */
export const defaultLogLimits: LogLimits = { maxSize: 10_000_000, maxFiles: 3 }

/** docker splits longer lines here. */
const longestLine = 16 * 1024
const newline = 0x0a

/** Nanoseconds since the epoch; Date has milliseconds only, so the rest comes from the monotonic clock. */
const clockOffset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()

export const timestamp = (nanoseconds = process.hrtime.bigint() + clockOffset): string => {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}

/**
 * Writes a container's output to its log. Appends happen at once, in the callback that read the bytes: after a kill -9 of the
 * daemon at most that one read is missing. A write to the page cache takes some 5 µs, less than a trip to the thread pool.
 */
export class JsonFileLog implements Disposable {
  readonly path: string
  readonly #limits: LogLimits
  readonly #partial = new Map<LogStream, Buffer>()
  readonly #watchers = new Set<() => void>()
  readonly #onFailure: (error: unknown) => void
  #file: number
  #size: number
  #isFailing = false

  /** `onFailure` hears when lines begin to be lost: no space, say. The container goes on. */
  constructor(path: string, limits: LogLimits = defaultLogLimits, onFailure: (error: unknown) => void = () => {}) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o710 })
    this.path = path
    this.#limits = limits
    this.#onFailure = onFailure
    this.#file = openSync(path, 'a', 0o640)
    this.#size = fstatSync(this.#file).size
  }

  append(stream: LogStream, bytes: Buffer): void {
    const time = timestamp()
    const before = this.#partial.get(stream)
    const data = before === undefined ? bytes : Buffer.concat([before, bytes])
    let start = 0
    let text = ''
    while (start < data.length) {
      const end = lineEnd(data, start)
      if (end === undefined) break
      text += formatEntry({ log: data.toString('utf8', start, end), stream, time })
      start = end
    }
    if (start < data.length) this.#partial.set(stream, Buffer.from(data.subarray(start)))
    else this.#partial.delete(stream)
    if (text !== '') this.#write(text)
  }

  /** Calls `changed` after every append; returns what ends that. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  /** Writes out last lines that had no newline. */
  flush(): void {
    for (const [stream, bytes] of this.#partial) {
      this.#write(formatEntry({ log: bytes.toString('utf8'), stream, time: timestamp() }))
    }
    this.#partial.clear()
  }

  [Symbol.dispose](): void {
    this.flush()
    closeSync(this.#file)
    for (const changed of this.#watchers) changed()
  }

  /** What can't be written is lost, and nothing of it stays: half a line would spoil the next one. */
  #write(text: string): void {
    const bytes = Buffer.from(text)
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
    for (const changed of this.#watchers) changed()
  }

  /** The new file is there before the old ones move: when it can't be made, all stays as it is. */
  #rotate(): void {
    const begun = `${this.path}.new`
    const file = openSync(begun, 'w', 0o640)
    const numbered = (n: number): string => (n === 0 ? this.path : `${this.path}.${n}`)
    rmSync(numbered(this.#limits.maxFiles - 1), { force: true })
    for (let n = this.#limits.maxFiles - 2; n >= 0; n -= 1) {
      try {
        renameSync(numbered(n), numbered(n + 1))
      } catch {
        // That many files have not been there yet.
      }
    }
    renameSync(begun, this.path)
    closeSync(this.#file)
    this.#file = file
    this.#size = 0
  }
}

/** Where the line that begins at `start` ends; undefined while its end hasn't come and it isn't too long either. */
const lineEnd = (data: Buffer, start: number): number | undefined => {
  const found = data.indexOf(newline, start)
  const end = found === -1 ? undefined : found + 1
  if (end !== undefined && end - start <= longestLine) return end
  return data.length - start >= longestLine ? wholeCharacters(data, start, start + longestLine) : undefined
}

/** Moves `end` back so that no UTF-8 character is cut. */
const wholeCharacters = (data: Buffer, start: number, end: number): number => {
  let cut = end
  while (cut > end - 4 && cut > start && ((data[cut] ?? 0) & 0xc0) === 0x80) cut -= 1
  return cut > start ? cut : end
}

const formatEntry = ({ log, stream, time }: LogEntry): string =>
  `{"log":${JSON.stringify(log)},"stream":"${stream}","time":"${time}"}\n`
