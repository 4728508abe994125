import { between, defineCommand } from '../../command.ts'
import { canonicalServer, eraseCredentials, hubServer } from '../../config/credentials.ts'
import { printLine } from '../../terminal/console.ts'

export const command = defineCommand({
  names: ['logout'],
  usage: '[SERVER]',
  summary: 'Log out from a registry',
  details: 'Defaults to Docker Hub if no server is specified.',
  operands: between(0, 1),
  flags: {},
  run: async ({ operands: [typed], session }) => {
    const server = typed === undefined ? hubServer : canonicalServer(typed)
    printLine(session.console, `Removing login credentials for ${server}`)
    await eraseCredentials(await session.config(), server)
    return 0
  },
})
