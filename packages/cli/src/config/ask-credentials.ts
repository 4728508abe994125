import { text as readAll } from 'node:stream/consumers'
import type { Session } from '../command.ts'
import { Exit } from '../exit.ts'
import { text, toggle } from '../flags/flag.ts'
import { warnLine } from '../terminal/console.ts'
import { prompt } from '../terminal/prompt.ts'

export const loginFlags = {
  password: text('p', 'Password or Personal Access Token (PAT)'),
  'password-stdin': toggle('', 'Take the Password or Personal Access Token (PAT) from stdin'),
  username: text('u', 'Username'),
} as const

/** What was not given, from who sits there. */
export const askFor = async (
  { console }: Session,
  given: { readonly username: string | undefined; readonly password: string | undefined },
): Promise<{ readonly username: string; readonly password: string }> => {
  if ((given.username === undefined || given.password === undefined) && console.stdin.isTTY !== true) {
    throw new Exit(1, 'Error: Cannot perform an interactive login from a non TTY device')
  }
  const username = given.username ?? (await prompt(console, 'Username: '))
  if (username === '') throw new Exit(1, 'error: username is required')
  const password = given.password ?? (await prompt(console, 'Password: ', { hidden: true }))
  if (password === '') throw new Exit(1, 'error: password is required')
  return { username, password }
}

/** From a flag or from stdin; undefined: from neither. */
export const readPassword = async (
  { console }: Session,
  flags: {
    readonly username: string | undefined
    readonly password: string | undefined
    readonly 'password-stdin': boolean
  },
): Promise<string | undefined> => {
  if (flags.password !== undefined) {
    if (flags['password-stdin']) {
      throw new Exit(1, 'conflicting options: cannot specify both --password and --password-stdin')
    }
    warnLine(console, 'WARNING! Using --password via the CLI is insecure. Use --password-stdin.')
    return flags.password
  }
  if (!flags['password-stdin']) return undefined
  if (flags.username === undefined) throw new Exit(1, 'the --password-stdin option requires --username to be set')
  return (await readAll(console.stdin)).replace(/\r?\n$/, '').replace(/\r$/, '')
}
