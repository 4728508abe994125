import { waitContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'

export const command = defineCommand({
  names: ['container wait', 'wait'],
  usage: 'CONTAINER [CONTAINER...]',
  summary: 'Block until one or more containers stop, then print their exit codes',
  operands: atLeast(1),
  flags: {},
  run: async ({ operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (name) => {
      const { exit } = await waitContainer(client, name)
      const { StatusCode, Error: failure } = await exit
      if (failure) throw new Error(failure.Message)
      return String(StatusCode)
    })
  },
})
