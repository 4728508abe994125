import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { SlipwayError } from '@slipway/core'

const program = join(import.meta.dirname, '../../../../bin/slipway')
const keptCharacters = 8000
const shownLines = 12

export interface CommandContext {
  readonly host: string
  /** Credentials of the voyage are kept apart from the person's own. */
  readonly configDirectory: string
  readonly signal: AbortSignal
}

/**
 * Runs the client as a person would, and returns what it printed. Throws, with its last lines, when it fails. `onLine` is
 * told each line that comes.
 */
export const slipway = (
  context: CommandContext,
  args: readonly string[],
  options: { readonly input?: string; readonly onLine?: (line: string) => void } = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, SLIPWAY_HOST: context.host, DOCKER_CONFIG: context.configDirectory },
      stdio: ['pipe', 'pipe', 'pipe'],
      // The terminal's Ctrl-C is for us: we tell the child.
      detached: true,
      signal: context.signal,
    })
    let output = ''
    let everything = ''
    const take = (bytes: Buffer): void => {
      everything = (everything + bytes).slice(-keptCharacters)
      const line = bytes
        .toString()
        .trimEnd()
        .split(/[\r\n]+/)
        .at(-1)
      if (line) options.onLine?.(line)
    }
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes
      take(bytes)
    })
    child.stderr.on('data', take)
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(output.trimEnd())
      else {
        const words = everything.trimEnd().split('\n').slice(-shownLines).join('\n')
        reject(new SlipwayError('internal', `"slipway ${args.join(' ')}" failed:\n${words.replace(/^/gm, '    ')}`))
      }
    })
  })
