import { topContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { alignTabs } from '../../format/table.ts'

export const command = defineCommand({
  names: ['container top', 'top'],
  usage: 'CONTAINER [ps OPTIONS]',
  summary: 'Display the running processes of a container',
  operands: atLeast(1),
  interspersed: false,
  flags: {},
  run: async ({ operands: [name = '', ...psArguments], session }) => {
    const { Titles, Processes } = await topContainer(await session.client(), name, psArguments)
    session.console.stdout.write(
      alignTabs(
        [Titles, ...Processes].map((cells) => cells.join('\t')),
        20,
      ),
    )
    return 0
  },
})
