import { hasCode, removeNetwork } from '@slipway/client'

import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'
import { toggle } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['network rm', 'network remove'],
  usage: 'NETWORK [NETWORK...]',
  summary: 'Remove one or more networks',
  operands: atLeast(1),
  flags: { force: toggle('f', 'Do not error if the network does not exist') },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (name) => {
      try {
        await removeNetwork(client, name)
      } catch (error) {
        if (!flags.force || !hasCode(error, 'not-found')) throw error
        return undefined
      }
      return name
    })
  },
})
