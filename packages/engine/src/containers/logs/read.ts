import { type FileHandle, open } from 'node:fs/promises'
import { hasErrno } from '@slipway/core'
import type { JsonFileLog, LogEntry, LogStream } from './json-file.ts'

export interface LogQuery {
  readonly streams: ReadonlySet<LogStream>
  /** Newest lines to begin with; undefined: all. */
  readonly tail: number | undefined
  /** RFC 3339 text, comparable as such; undefined: from the beginning. */
  readonly since: string | undefined
  readonly until: string | undefined
  readonly follow: boolean
  readonly signal: AbortSignal
}

const chunkSize = 64 * 1024
/** Rotated files that are looked for; `max-file` may be anything, but a gap ends the search. */
const mostFiles = 1000

const parse = (line: string): LogEntry | undefined => {
  try {
    return JSON.parse(line) as LogEntry
  } catch {
    return undefined // The last line of a file that a full disk cut short.
  }
}

const openIfThere = async (path: string): Promise<FileHandle | undefined> => {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The container's log files, oldest first, open: rotation while we read renames them but takes nothing away from us. */
const openFiles = async (path: string): Promise<FileHandle[]> => {
  const files: FileHandle[] = []
  for (let n = 0; n < mostFiles; n += 1) {
    const file = await openIfThere(n === 0 ? path : `${path}.${n}`)
    if (file === undefined && n > 0) break
    if (file !== undefined) files.unshift(file)
  }
  return files
}

/** Where in `file` its last `lines` lines begin, and how many lines that are. */
const tailOffset = async (file: FileHandle, lines: number): Promise<{ offset: number; found: number }> => {
  const buffer = Buffer.alloc(chunkSize)
  const { size } = await file.stat()
  let found = 0
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunkSize)
    const { bytesRead } = await file.read(buffer, 0, end - start, start)
    for (let index = bytesRead - 1; index >= 0; index -= 1) {
      const position = start + index
      if (buffer[index] !== 0x0a || position === size - 1) continue
      found += 1
      if (found === lines) return { offset: position + 1, found }
    }
    end = start
  }
  return { offset: 0, found: size > 0 ? found + 1 : 0 }
}

/** Reads lines from `offset` to the present end; returns where it stopped (always behind a newline). */
async function* readLines(file: FileHandle, offset: number): AsyncGenerator<LogEntry, number> {
  const buffer = Buffer.alloc(chunkSize)
  let position = offset
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, chunkSize, position)
    if (bytesRead === 0) return position - rest.length
    position += bytesRead
    const data = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
    let start = 0
    for (let end = data.indexOf(0x0a); end !== -1; end = data.indexOf(0x0a, start)) {
      const entry = parse(data.toString('utf8', start, end))
      start = end + 1
      if (entry !== undefined) yield entry
    }
    rest = Buffer.from(data.subarray(start))
  }
}

const wanted = (entry: LogEntry, { streams, since, until }: LogQuery): boolean =>
  streams.has(entry.stream) &&
  (since === undefined || entry.time >= since) &&
  (until === undefined || entry.time <= until)

/** Where each file is to be read from, so that `tail` lines come in all. */
const startOffsets = async (files: readonly FileHandle[], tail: number | undefined): Promise<readonly number[]> => {
  if (tail === undefined) return files.map(() => 0)
  const offsets: number[] = []
  let missing = tail
  for (const file of files.toReversed()) {
    const { size } = await file.stat()
    const { offset, found } = missing > 0 ? await tailOffset(file, missing) : { offset: size, found: 0 }
    offsets.unshift(offset)
    missing -= found
  }
  return offsets
}

/**
 * The lines of a container's log, oldest first. With `follow`, goes on with those that come until `live` (the writer) is
 * closed or the signal aborts; without a writer there is nothing to follow.
 */
export async function* readLog(
  path: string,
  query: LogQuery,
  live: { readonly log: JsonFileLog; readonly closed: AbortSignal } | undefined,
): AsyncGenerator<LogEntry> {
  const files = await openFiles(path)
  try {
    const offsets = await startOffsets(files, query.tail)
    let end = 0
    for (const [index, file] of files.entries()) {
      const lines = readLines(file, offsets[index] ?? 0)
      for (let next = await lines.next(); ; next = await lines.next()) {
        if (query.signal.aborted) return
        if (next.done) {
          end = next.value
          break
        }
        if (wanted(next.value, query)) yield next.value
      }
    }
    const newest = files.at(-1)
    if (query.follow && live && newest) yield* followLog(path, { file: newest, offset: end }, query, live)
  } finally {
    for (const file of files) await file.close()
  }
}

async function* followLog(
  path: string,
  from: { readonly file: FileHandle; readonly offset: number },
  query: LogQuery,
  live: { readonly log: JsonFileLog; readonly closed: AbortSignal },
): AsyncGenerator<LogEntry> {
  let { file, offset } = from
  let opened: FileHandle | undefined
  let wake: () => void = () => undefined
  let changed = true
  const notice = (): void => {
    changed = true
    wake()
  }
  const unwatch = live.log.watch(notice)
  query.signal.addEventListener('abort', notice, { once: true })
  live.closed.addEventListener('abort', notice, { once: true })
  try {
    while (!query.signal.aborted) {
      const closed = live.closed.aborted
      changed = false
      const lines = readLines(file, offset)
      for (let next = await lines.next(); ; next = await lines.next()) {
        if (next.done) {
          offset = next.value
          break
        }
        if (query.until !== undefined && next.value.time > query.until) return
        if (wanted(next.value, query)) yield next.value
      }
      const rotated = await newFile(path, file)
      if (rotated !== undefined) {
        await opened?.close()
        opened = rotated
        file = rotated
        offset = 0
        continue
      }
      if (closed) return
      if (changed) continue
      await new Promise<void>((resolve) => {
        wake = resolve
        if (changed) resolve()
      })
    }
  } finally {
    unwatch()
    await opened?.close()
  }
}

/** The file that has taken this one's place at `path`, if rotation has moved it. */
const newFile = async (path: string, file: FileHandle): Promise<FileHandle | undefined> => {
  const current = await openIfThere(path)
  if (current === undefined) return undefined
  const [a, b] = await Promise.all([current.stat(), file.stat()])
  if (a.ino !== b.ino) return current
  await current.close()
  return undefined
}
