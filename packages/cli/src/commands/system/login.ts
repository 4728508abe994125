import { text as readAll } from 'node:stream/consumers'
import { type AuthConfig, checkAuth } from '@slipway/client'
import { between, defineCommand, type Session } from '../../command.ts'
import {
  canonicalServer,
  findCredentials,
  hubServer,
  storeCredentials,
  storesPlainly,
} from '../../config/credentials.ts'
import { Exit } from '../../exit.ts'
import { text, toggle } from '../../flags/flag.ts'
import { printLine, warnLine } from '../../terminal/console.ts'
import { prompt } from '../../terminal/prompt.ts'

const storedPlainly = (path: string): string => `
WARNING! Your credentials are stored unencrypted in '${path}'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/
`

const askFor = async (
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

const readPassword = async (
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

export const command = defineCommand({
  names: ['login'],
  usage: '[OPTIONS] [SERVER]',
  summary: 'Authenticate to a registry',
  operands: between(0, 1),
  flags: {
    password: text('p', 'Password or Personal Access Token (PAT)'),
    'password-stdin': toggle('', 'Take the Password or Personal Access Token (PAT) from stdin'),
    username: text('u', 'Username'),
  },
  run: async ({ flags, operands: [typed], session }) => {
    const password = await readPassword(session, flags)
    const config = await session.config()
    const server = typed === undefined ? hubServer : canonicalServer(typed)
    const stored =
      flags.username === undefined && password === undefined ? await findCredentials(config, server) : undefined
    const client = await session.client()
    const logIn = async (auth: AuthConfig): Promise<number> => {
      const answer = await checkAuth(client, auth)
      const token = answer?.IdentityToken
      const kept = token ? { serveraddress: server, identitytoken: token } : auth
      await storeCredentials(config, server, kept)
      if (storesPlainly(config, server)) warnLine(session.console, storedPlainly(config.path))
      printLine(session.console, answer?.Status ?? 'Login Succeeded')
      return 0
    }
    if (stored?.username || stored?.identitytoken) {
      printLine(session.console, 'Authenticating with existing credentials...')
      const done = await logIn(stored).catch(() => undefined)
      if (done !== undefined) return done
      warnLine(session.console, 'Stored credentials invalid or expired')
    }
    return await logIn({ ...(await askFor(session, { username: flags.username, password })), serveraddress: server })
  },
})
