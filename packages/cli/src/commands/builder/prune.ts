import { pruneBuilds } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, toggle } from '../../flags/flag.ts'
import { size } from '../../flags/quantity.ts'
import { humanSize } from '../../format/human.ts'
import { printLine } from '../../terminal/console.ts'
import { confirm } from '../../terminal/prompt.ts'

export const command = defineCommand({
  names: ['builder prune'],
  usage: '',
  summary: 'Remove build cache',
  operands: none,
  flags: {
    all: toggle('a', 'Remove all unused build cache, not just dangling ones'),
    filter: filters('Provide filter values (e.g. "until=24h")', ''),
    force: toggle('f', 'Do not prompt for confirmation'),
    'keep-storage': size('', 'Amount of disk space to keep for cache'),
  },
  run: async ({ flags, session: { console, client } }) => {
    const { all, filter, force } = flags
    const warning = `WARNING! This will remove all ${all ? '' : 'dangling '}build cache.`
    if (!force && !(await confirm(console, warning))) return 1
    const keep = flags['keep-storage']
    const { CachesDeleted, SpaceReclaimed } = await pruneBuilds(await client(), { all, keep, filters: filter })
    if (CachesDeleted?.length) printLine(console, `Deleted build cache objects:\n${CachesDeleted.join('\n')}\n`)
    printLine(console, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
    return 0
  },
})
