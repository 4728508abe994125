import { CallError } from '../calls/ask.ts'
import { askEngine } from '../engine/calls.ts'
import { LineReader, type LogLine, LogPlace, plainParts, readFrames } from './log-lines.ts'

/** What a page keeps; older lines are in the file (`Save as a file`). */
export const mostLines = 20_000

/** Lines are handed on this often at most: a container that writes without end must not stop the page. */
const flushMs = 100

interface FollowOptions {
  readonly id: string
  readonly signal: AbortSignal
  readonly onLines: (lines: readonly LogLine[]) => void
}

class BrokenStream extends Error {}

/** The stream broke, or there was nobody to ask: the dashboard (0) or the engine behind it (502). */
const isPassing = (error: unknown): boolean =>
  error instanceof BrokenStream || (error instanceof CallError && [0, 502].includes(error.status))

/** A stream that breaks begins again behind the last line: nothing is told twice, nothing is missed. */
const pauseMs = 1000

const readOnce = async (place: LogPlace, { id, signal, onLines }: FollowOptions): Promise<void> => {
  const since = place.resume()
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow: true,
    tail: since === undefined ? mostLines : undefined,
    since,
  }
  const response = await askEngine(`/containers/${encodeURIComponent(id)}/logs`, { query, signal })
  if (response.body === null) return
  const reader = new LineReader()
  const isFramed = response.headers.get('content-type')?.includes('multiplexed') ?? false
  const source = response.body as unknown as AsyncIterable<Uint8Array>
  let waiting: LogLine[] = []
  const flush = (): void => {
    if (waiting.length > 0) onLines(waiting)
    waiting = []
  }
  const timer = setInterval(flush, flushMs)
  try {
    for await (const part of isFramed ? readFrames(source) : plainParts(source)) {
      waiting.push(...reader.read(part).filter((line) => place.isNew(line)))
    }
  } catch (error) {
    throw new BrokenStream('the stream broke', { cause: error })
  } finally {
    clearInterval(timer)
    flush()
  }
}

/** Follows a container's log until it ends or `signal`; resolves when the log has ended. */
export const followLog = async (options: FollowOptions): Promise<void> => {
  const place = new LogPlace()
  while (!options.signal.aborted) {
    try {
      await readOnce(place, options)
      return
    } catch (error) {
      if (options.signal.aborted) return
      if (!isPassing(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
