import { pauseContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'

export const command = defineCommand({
  names: ['container pause', 'pause'],
  usage: 'CONTAINER [CONTAINER...]',
  summary: 'Pause all processes within one or more containers',
  operands: atLeast(1),
  flags: {},
  run: async ({ operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (name) => {
      await pauseContainer(client, name)
      return name
    })
  },
})
