import { readProject } from '@slipway/client/hub/client'
import { atLeast, defineCommand } from '../../../command.ts'
import { text } from '../../../flags/flag.ts'
import { inspectFormatHelp } from '../../../format/format-help.ts'
import { printInspected } from '../../../format/inspect.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'

export const command = defineCommand({
  names: ['hub project inspect'],
  usage: '[OPTIONS] PROJECT [PROJECT...]',
  summary: 'Display one or more projects',
  operands: atLeast(1),
  flags: { ...hubFlags, format: text('f', inspectFormatHelp) },
  run: ({ flags, operands, session }) =>
    printInspected(session.console, operands, flags.format, (name) =>
      withHub(session, flags.server, (hub) => readProject(hub, name)),
    ),
})
