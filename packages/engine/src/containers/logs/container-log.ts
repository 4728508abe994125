import type { LogEntry, LogStream } from './entry.ts'
import { timestamp } from './entry.ts'

/** Where lines go: a file, the system log. It deals with its own failures; a container never waits for it. */
export interface LogSink extends Disposable {
  write(entries: readonly LogEntry[]): void
}

/** docker splits longer lines here. */
const longestLine = 16 * 1024
const newline = 0x0a

/**
 * A container's output, cut into lines and handed to its sinks at once, in the callback that read the bytes: after a kill -9
 * of the daemon at most that one read is missing.
 */
export class ContainerLog implements Disposable {
  readonly #sinks: readonly LogSink[]
  readonly #partial = new Map<LogStream, Buffer>()
  readonly #watchers = new Set<() => void>()

  constructor(sinks: readonly LogSink[]) {
    this.#sinks = sinks
  }

  append(stream: LogStream, bytes: Buffer): void {
    const time = timestamp()
    const before = this.#partial.get(stream)
    const data = before === undefined ? bytes : Buffer.concat([before, bytes])
    const entries: LogEntry[] = []
    let start = 0
    while (start < data.length) {
      const end = lineEnd(data, start)
      if (end === undefined) break
      entries.push({ log: data.toString('utf8', start, end), stream, time })
      start = end
    }
    if (start < data.length) this.#partial.set(stream, Buffer.from(data.subarray(start)))
    else this.#partial.delete(stream)
    if (entries.length > 0) this.#write(entries)
  }

  /** Calls `changed` after every append; returns what ends that. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  /** Writes out last lines that had no newline. */
  flush(): void {
    for (const [stream, bytes] of this.#partial) {
      this.#write([{ log: bytes.toString('utf8'), stream, time: timestamp() }])
    }
    this.#partial.clear()
  }

  [Symbol.dispose](): void {
    this.flush()
    for (const sink of this.#sinks) sink[Symbol.dispose]()
    for (const changed of this.#watchers) changed()
  }

  #write(entries: readonly LogEntry[]): void {
    for (const sink of this.#sinks) sink.write(entries)
    for (const changed of this.#watchers) changed()
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
