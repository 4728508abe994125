import { pruneContainers } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, toggle } from '../../flags/flag.ts'
import { humanSize } from '../../format/human.ts'
import { printLine } from '../../terminal/console.ts'
import { confirm } from '../../terminal/prompt.ts'

export const command = defineCommand({
  names: ['container prune'],
  usage: '[OPTIONS]',
  summary: 'Remove all stopped containers',
  operands: none,
  flags: {
    filter: filters('Provide filter values (e.g. "until=<timestamp>")', ''),
    force: toggle('f', 'Do not prompt for confirmation'),
  },
  run: async ({ flags, session: { console, client } }) => {
    const warning = 'WARNING! This will remove all stopped containers.'
    if (!flags.force && !(await confirm(console, warning))) return 0
    const { ContainersDeleted, SpaceReclaimed } = await pruneContainers(await client(), flags.filter)
    const deleted = ContainersDeleted ?? []
    if (deleted.length > 0) printLine(console, `Deleted Containers:\n${deleted.join('\n')}\n`)
    printLine(console, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
    return 0
  },
})
