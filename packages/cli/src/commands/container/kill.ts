import { killContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'
import { text } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['container kill', 'kill'],
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Kill one or more running containers',
  operands: atLeast(1),
  flags: { signal: text('s', 'Signal to send to the container') },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (name) => {
      await killContainer(client, name, flags.signal)
      return name
    })
  },
})
