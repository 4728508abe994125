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

/** Runs a program to its end and returns what it wrote. Throws unavailable with its last words when it fails. */
export const run = async (
  binary: string,
  args: readonly string[],
  { environment = {}, signal, onLine = () => {} }: RunOptions = {},
): Promise<string> => {
  const child = spawn(binary, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    ...(signal ? { signal } : {}),
  })
  let output = ''
  let errors = ''
  let unfinished = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-lastWords)
    const lines = (unfinished + text).split('\n')
    unfinished = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  signal?.throwIfAborted()
  if (code === 0) return output
  throw new SlipwayError('unavailable', `${binary} failed: ${errors.trim().split('\n').slice(-5).join('\n')}`)
}
