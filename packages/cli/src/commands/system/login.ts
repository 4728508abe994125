import { type AuthConfig, checkAuth } from '@slipway/client'
import { between, defineCommand } from '../../command.ts'
import { askFor, loginFlags, readPassword } from '../../config/ask-credentials.ts'
import {
  canonicalServer,
  findCredentials,
  hubServer,
  storeCredentials,
  storesPlainly,
} from '../../config/credentials.ts'
import { printLine, warnLine } from '../../terminal/console.ts'

const storedPlainly = (path: string): string => `
WARNING! Your credentials are stored unencrypted in '${path}'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/
`

export const command = defineCommand({
  names: ['login'],
  usage: '[OPTIONS] [SERVER]',
  summary: 'Authenticate to a registry',
  details: 'Defaults to Docker Hub if no server is specified.',
  operands: between(0, 1),
  flags: loginFlags,
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
