import { renameContainer } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'

export const command = defineCommand({
  names: ['container rename', 'rename'],
  usage: 'CONTAINER NEW_NAME',
  summary: 'Rename a container',
  operands: exactly(2),
  flags: {},
  run: async ({ operands: [before = '', after = ''], session }) => {
    await renameContainer(await session.client(), before, after)
    return 0
  },
})
