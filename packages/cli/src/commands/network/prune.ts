import { pruneNetworks } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, toggle } from '../../flags/flag.ts'
import { printLine } from '../../terminal/console.ts'
import { confirm } from '../../terminal/prompt.ts'

const warning = 'WARNING! This will remove all custom networks not used by at least one container.'

export const command = defineCommand({
  names: ['network prune'],
  usage: '[OPTIONS]',
  summary: 'Remove all unused networks',
  operands: none,
  flags: {
    filter: filters('Provide filter values (e.g. "until=<timestamp>")', ''),
    force: toggle('f', 'Do not prompt for confirmation'),
  },
  run: async ({ flags, session: { console, client } }) => {
    if (!flags.force && !(await confirm(console, warning))) return 0
    const { NetworksDeleted } = await pruneNetworks(await client(), flags.filter)
    if (NetworksDeleted?.length) printLine(console, `Deleted Networks:\n${NetworksDeleted.join('\n')}\n`)
    return 0
  },
})
