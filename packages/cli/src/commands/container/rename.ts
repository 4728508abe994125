import { renameContainer } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { Exit, errorText } from '../../exit.ts'

export const command = defineCommand({
  names: ['container rename', 'rename'],
  usage: 'CONTAINER NEW_NAME',
  summary: 'Rename a container',
  operands: exactly(2),
  flags: {},
  run: async ({ operands: [before = '', after = ''], session }) => {
    if (before.trim() === '' || after.trim() === '') throw new Exit(1, 'Error: Neither old nor new names may be empty')
    try {
      await renameContainer(await session.client(), before, after)
    } catch (error) {
      throw new Exit(1, `${errorText(error)}\nError: failed to rename container named ${before}`, { cause: error })
    }
    return 0
  },
})
