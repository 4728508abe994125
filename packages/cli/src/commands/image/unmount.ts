import { resolve } from 'node:path'
import { unmountImage } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { forEach } from '../../each.ts'

export const command = defineCommand({
  names: ['image unmount', 'image umount'],
  usage: 'DIRECTORY [DIRECTORY...]',
  summary: 'End what image mount began',
  operands: atLeast(1),
  flags: {},
  run: async ({ operands, session }) => {
    const client = await session.client()
    return await forEach(session.console, operands, async (directory) => {
      await unmountImage(client, resolve(directory))
      return directory
    })
  },
})
