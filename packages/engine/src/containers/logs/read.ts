import type { FileHandle } from 'node:fs/promises'
import type { ContainerLog } from './container-log.ts'
import type { LogEntry, LogStream } from './entry.ts'
import type { LogFormat } from './format.ts'
import { type LogFile, openFiles, openIfThere } from './log-file.ts'

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

/** A log as it lies on the disk. */
export interface KeptLog {
  readonly path: string
  readonly format: LogFormat
}

/** Its writer, while the container runs. */
export interface LiveLog {
  readonly log: ContainerLog
  readonly closed: AbortSignal
}

const chunkSize = 64 * 1024

/** Reads entries from `offset` to the present end; returns where it stopped: behind one. */
async function* readEntries(file: FileHandle, format: LogFormat, offset: number): AsyncGenerator<LogEntry, number> {
  const buffer = Buffer.alloc(chunkSize)
  let position = offset
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, chunkSize, position)
    if (bytesRead === 0) return position - rest.length
    position += bytesRead
    const data = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
    let start = 0
    for (let next = format.decode(data, start); next !== undefined; next = format.decode(data, start)) {
      start = next.end
      if (next.entry !== undefined) yield next.entry
    }
    rest = Buffer.from(data.subarray(start))
  }
}

const wanted = (entry: LogEntry, { streams, since, until }: LogQuery): boolean =>
  streams.has(entry.stream) &&
  (since === undefined || entry.time >= since) &&
  (until === undefined || entry.time <= until)

/** Where each file is to be read from, so that `tail` lines come in all; undefined: not at all. */
const startOffsets = async (
  files: readonly LogFile[],
  format: LogFormat,
  tail: number | undefined,
): Promise<readonly (number | undefined)[]> => {
  if (tail === undefined) return files.map(() => 0)
  const offsets: (number | undefined)[] = []
  let missing = tail
  for (const file of files.toReversed()) {
    const { offset, found } =
      missing > 0 ? await format.tail(await file.plain(), missing) : { offset: undefined, found: 0 }
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
  { path, format }: KeptLog,
  query: LogQuery,
  live: LiveLog | undefined,
): AsyncGenerator<LogEntry> {
  const files = await openFiles(path)
  try {
    const offsets = await startOffsets(files, format, query.tail)
    let end = 0
    for (const [index, file] of files.entries()) {
      const offset = offsets[index]
      if (offset === undefined) continue
      const entries = readEntries(await file.plain(), format, offset)
      for (let next = await entries.next(); ; next = await entries.next()) {
        if (query.signal.aborted) return
        if (next.done) {
          end = next.value
          break
        }
        if (wanted(next.value, query)) yield next.value
      }
    }
    const newest = await files.at(-1)?.plain()
    if (query.tail === 0 && newest !== undefined) end = (await newest.stat()).size
    if (query.follow && live && newest) yield* followLog({ path, format }, { file: newest, offset: end }, query, live)
  } finally {
    for (const file of files) await file[Symbol.asyncDispose]()
  }
}

async function* followLog(
  { path, format }: KeptLog,
  from: { readonly file: FileHandle; readonly offset: number },
  query: LogQuery,
  live: LiveLog,
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
      const entries = readEntries(file, format, offset)
      for (let next = await entries.next(); ; next = await entries.next()) {
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
