import { inspectVolume } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { text } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { printInspected } from '../../format/inspect.ts'

export const command = defineCommand({
  names: ['volume inspect'],
  usage: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Display detailed information on one or more volumes',
  operands: atLeast(1),
  flags: { format: text('f', inspectFormatHelp) },
  run: async ({ flags: { format }, operands, session }) => {
    const client = await session.client()
    return await printInspected(session.console, operands, format, (name) => inspectVolume(client, name))
  },
})
