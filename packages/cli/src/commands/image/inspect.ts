import { inspectImage } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { text } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { printInspected } from '../../format/inspect.ts'

export const command = defineCommand({
  names: ['image inspect'],
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Display detailed information on one or more images',
  operands: atLeast(1),
  flags: { format: text('f', inspectFormatHelp) },
  run: async ({ flags, operands, session }) => {
    const client = await session.client()
    return await printInspected(session.console, operands, flags.format, (name) => inspectImage(client, name))
  },
})
