import { removeVolume } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'
import { toggle } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['volume rm', 'volume remove'],
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Remove one or more volumes',
  details: 'A volume that a container uses stays.',
  operands: atLeast(1),
  flags: { force: toggle('f', 'Force the removal of one or more volumes') },
  run: async ({ flags: { force }, operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (name) => {
      await removeVolume(client, name, { force })
      return name
    })
  },
})
