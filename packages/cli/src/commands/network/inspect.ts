import { inspectNetwork } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { text, toggle } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { printInspected } from '../../format/inspect.ts'

export const command = defineCommand({
  names: ['network inspect'],
  usage: '[OPTIONS] NETWORK [NETWORK...]',
  summary: 'Display detailed information on one or more networks',
  operands: atLeast(1),
  flags: {
    format: text('f', inspectFormatHelp),
    verbose: toggle('v', 'Verbose output for diagnostics'),
  },
  run: async ({ flags: { format, verbose }, operands, session }) => {
    const client = await session.client()
    return await printInspected(session.console, operands, format, (name) => inspectNetwork(client, name, { verbose }))
  },
})
