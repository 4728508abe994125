import { containerChanges } from '@slipway/client'
import { defineCommand, exactly } from '../../command.ts'
import { printLine } from '../../terminal/console.ts'

const letters = ['C', 'A', 'D'] as const

export const command = defineCommand({
  names: ['container diff', 'diff'],
  usage: 'CONTAINER',
  summary: "Inspect changes to files or directories on a container's filesystem",
  operands: exactly(1),
  flags: {},
  run: async ({ operands: [name = ''], session }) => {
    const changes = await containerChanges(await session.client(), name)
    for (const { Kind, Path } of changes ?? []) printLine(session.console, `${letters[Kind]} ${Path}`)
    return 0
  },
})
