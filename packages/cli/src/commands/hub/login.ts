import { whoIsThere } from '@slipway/client/hub/client'
import { between, defineCommand } from '../../command.ts'
import { askFor, loginFlags, readPassword } from '../../config/ask-credentials.ts'
import { canonicalServer, storeCredentials } from '../../config/credentials.ts'
import { Exit } from '../../exit.ts'
import { chooseHub, chosenHub } from '../../hub/chosen.ts'
import { openHub } from '../../hub/connect.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub login'],
  usage: '[OPTIONS] [SERVER]',
  summary: 'Log in to a hub; the commands without a server mean it from then on',
  details: 'The login is kept where "docker login" keeps it, and is also that of pull and push.',
  operands: between(0, 1),
  flags: loginFlags,
  run: async ({ flags, operands: [typed], session }) => {
    const server = typed ?? (await chosenHub(session))
    const password = await readPassword(session, flags)
    const credentials = await askFor(session, { username: flags.username, password })
    await using hub = await openHub(session, server, credentials)
    const { account } = await whoIsThere(hub)
    if (account === null) throw new Exit(1, 'the hub does not know who you are')
    await storeCredentials(await session.config(), canonicalServer(server), {
      ...credentials,
      serveraddress: canonicalServer(server),
    })
    await chooseHub(session, server)
    printLine(session.console, 'Login Succeeded')
    return 0
  },
})
