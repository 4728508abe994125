import { inspectContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { text, toggle } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { printInspected } from '../../format/inspect.ts'

export const command = defineCommand({
  names: ['container inspect'],
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Display detailed information on one or more containers',
  operands: atLeast(1),
  flags: {
    format: text('f', inspectFormatHelp),
    size: toggle('s', 'Display total file sizes'),
  },
  run: async ({ flags: { format, size }, operands, session }) => {
    const client = await session.client()
    return await printInspected(session.console, operands, format, (name) => inspectContainer(client, name, { size }))
  },
})
