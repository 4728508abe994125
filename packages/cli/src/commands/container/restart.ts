import { restartContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'
import { integer, text } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['container restart', 'restart'],
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Restart one or more containers',
  operands: atLeast(1),
  flags: {
    signal: text('s', 'Signal to send to the container'),
    timeout: integer('t', 'Seconds to wait before killing the container', { aliases: ['time'] }),
  },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (name) => {
      await restartContainer(client, name, { timeout: flags.timeout, signal: flags.signal })
      return name
    })
  },
})
