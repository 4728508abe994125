import { planRetention, runRetention } from '@slipway/client/hub/client'
import { defineCommand, exactly } from '../../../command.ts'
import { toggle } from '../../../flags/flag.ts'
import { hubFlags, withHub } from '../../../hub/connect.ts'
import { printLine } from '../../../terminal/console.ts'

export const command = defineCommand({
  names: ['hub rule run'],
  usage: '[OPTIONS] PROJECT',
  summary: 'Remove the tags that no retention rule keeps, or only list them',
  operands: exactly(1),
  flags: { ...hubFlags, 'dry-run': toggle('', 'List what would go') },
  run: ({ flags, operands: [project = ''], session }) =>
    withHub(session, flags.server, async (hub) => {
      if (!flags['dry-run']) printLine(session.console, `${await runRetention(hub, project)} tags removed`)
      else
        for await (const { repository, tag } of planRetention(hub, project))
          printLine(session.console, `${repository}:${tag}`)
      return 0
    }),
})
