import { spawn } from 'node:child_process'
import { SlipwayError } from '@slipway/core'

/** What a program said last, for the message when it fails. */
const lastWords = 2000

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** Called for each line on stderr. */
  readonly onLine?: (line: string) => void
}

/**
 * Runs a program; what it returns is what the program writes, read as it is written. Ends with unavailable, and the
 * program's last words, when it fails. Reading no further ends the program.
 */
export async function* run(
  binary: string,
  args: readonly string[],
  { environment = {}, signal, onLine = () => {} }: RunOptions = {},
): AsyncGenerator<Buffer, void, void> {
  const child = spawn(binary, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    ...(signal ? { signal } : {}),
  })
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject).once('close', resolve)
  // Awaited below, but only once the output has been read.
  ended.catch(() => {})
  let errors = ''
  let unfinished = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-lastWords)
    const lines = (unfinished + text).split('\n')
    unfinished = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    const code = await ended
    signal?.throwIfAborted()
    if (code === 0) return
    const words = errors.trim().split('\n').slice(-5).join('\n')
    throw new SlipwayError('unavailable', `${binary} failed: ${words}`)
  } finally {
    child.kill()
  }
}
