import { disconnectNetwork } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { toggle } from '../../flags/flag.ts'

export const command = defineCommand({
  names: ['network disconnect'],
  usage: '[OPTIONS] NETWORK CONTAINER',
  summary: 'Disconnect a container from a network',
  operands: exactly(2),
  flags: { force: toggle('f', 'Force the container to disconnect from a network') },
  run: async ({ flags, operands: [network = '', container = ''], session }) => {
    await disconnectNetwork(await session.client(), network, { Container: container, Force: flags.force })
    return 0
  },
})
