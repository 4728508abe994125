import { askEngine } from '../engine/calls.ts'
import { LineReader, type LogLine, plainParts, readFrames } from './log-lines.ts'

/** What a page keeps; older lines are in the file (`Save as a file`). */
export const mostLines = 20_000

/** Lines are handed on this often at most: a container that writes without end must not stop the page. */
const flushMs = 100

interface FollowOptions {
  readonly id: string
  readonly signal: AbortSignal
  readonly onLines: (lines: readonly LogLine[]) => void
}

/** A stream that breaks begins again behind the last line: nothing is told twice, nothing is missed. */
const pauseMs = 1000

const readOnce = async (
  since: string | undefined,
  { id, signal, onLines }: FollowOptions,
): Promise<string | undefined> => {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow: true,
    tail: since ? undefined : mostLines,
    since,
  }
  const response = await askEngine(`/containers/${encodeURIComponent(id)}/logs`, { query, signal })
  if (response.body === null) return since
  const reader = new LineReader()
  const isFramed = response.headers.get('content-type')?.includes('multiplexed') ?? false
  const source = response.body as unknown as AsyncIterable<Uint8Array>
  let waiting: LogLine[] = []
  const flush = (): void => {
    if (waiting.length > 0) onLines(waiting)
    waiting = []
  }
  const timer = setInterval(flush, flushMs)
  let last = since
  try {
    for await (const part of isFramed ? readFrames(source) : plainParts(source)) {
      for (const line of reader.read(part)) {
        if (since !== undefined && line.time !== '' && line.time <= since) continue
        waiting.push(line)
        if (line.time !== '') last = line.time
      }
    }
  } catch (error) {
    if (!signal.aborted) throw Object.assign(new Error('the stream broke', { cause: error }), { last })
  } finally {
    clearInterval(timer)
    flush()
  }
  return last
}

/** Follows a container's log until it ends or `signal`; resolves when the log has ended. */
export const followLog = async (options: FollowOptions): Promise<void> => {
  let since: string | undefined
  while (!options.signal.aborted) {
    try {
      await readOnce(since, options)
      return
    } catch (error) {
      if (options.signal.aborted) return
      if (!(error instanceof Error && 'last' in error)) throw error
      since = error.last as string | undefined
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
