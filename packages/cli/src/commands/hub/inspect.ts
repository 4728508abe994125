import { readImage, readRepository } from '@slipway/client/hub/client'
import { atLeast, defineCommand } from '../../command.ts'
import { text } from '../../flags/flag.ts'
import { inspectFormatHelp } from '../../format/format-help.ts'
import { printInspected } from '../../format/inspect.ts'
import { hubFlags, withHub } from '../../hub/connect.ts'
import { parseHubName } from '../../hub/name.ts'

export const command = defineCommand({
  names: ['hub inspect'],
  usage: '[OPTIONS] REPOSITORY[@DIGEST] [REPOSITORY[@DIGEST]...]',
  summary: 'Display one or more repositories, or images in them',
  operands: atLeast(1),
  flags: { ...hubFlags, format: text('f', inspectFormatHelp) },
  run: ({ flags, operands, session }) =>
    printInspected(session.console, operands, flags.format, (typed) => {
      const { server = flags.server, repository, digest } = parseHubName(typed)
      return withHub<unknown>(session, server, (hub) =>
        digest === undefined ? readRepository(hub, repository) : readImage(hub, repository, digest),
      )
    }),
})
