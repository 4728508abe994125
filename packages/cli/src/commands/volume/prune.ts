import { pruneVolumes } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { Exit } from '../../exit.ts'
import { filters, toggle } from '../../flags/flag.ts'
import { humanSize } from '../../format/human.ts'
import { printLine } from '../../terminal/console.ts'
import { confirm } from '../../terminal/prompt.ts'

const warning = (all: boolean): string =>
  `WARNING! This will remove ${all ? 'all' : 'anonymous'} local volumes not used by at least one container.`

export const command = defineCommand({
  names: ['volume prune'],
  usage: '[OPTIONS]',
  summary: 'Remove unused local volumes',
  operands: none,
  flags: {
    all: toggle('a', 'Remove all unused volumes, not just anonymous ones'),
    filter: filters('Provide filter values (e.g. "label=<label>")', ''),
    force: toggle('f', 'Do not prompt for confirmation'),
  },
  run: async ({ flags: { all, filter, force }, session: { console, client } }) => {
    const [asked] = filter['all'] ?? []
    if (all && asked !== undefined) {
      throw new Exit(1, `conflicting options: cannot specify both --all and --filter all=${asked}`)
    }
    if (!force && !(await confirm(console, warning(all)))) return 0
    const wanted = all ? { ...filter, all: ['true'] } : filter
    const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(await client(), wanted)
    if (VolumesDeleted?.length) printLine(console, `Deleted Volumes:\n${VolumesDeleted.join('\n')}\n`)
    printLine(console, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
    return 0
  },
})
