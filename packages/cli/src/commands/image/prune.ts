import { pruneImages } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { filters, toggle } from '../../flags/flag.ts'
import { humanSize } from '../../format/human.ts'
import { printLine } from '../../terminal/console.ts'
import { confirm } from '../../terminal/prompt.ts'

const warnings = {
  dangling: 'WARNING! This will remove all dangling images.',
  unused: 'WARNING! This will remove all images without at least one container associated to them.',
} as const

export const command = defineCommand({
  names: ['image prune'],
  usage: '[OPTIONS]',
  summary: 'Remove unused images',
  operands: none,
  flags: {
    all: toggle('a', 'Remove all unused images, not just dangling ones'),
    filter: filters('Provide filter values (e.g. "until=<timestamp>")', ''),
    force: toggle('f', 'Do not prompt for confirmation'),
  },
  run: async ({ flags, session: { console, client } }) => {
    const warning = flags.all ? warnings.unused : warnings.dangling
    if (!flags.force && !(await confirm(console, warning))) return 0
    const filters = { ...flags.filter, dangling: [String(!flags.all)] }
    const { ImagesDeleted, SpaceReclaimed } = await pruneImages(await client(), filters)
    const lines = (ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
      Untagged === undefined ? `deleted: ${Deleted}` : `untagged: ${Untagged}`,
    )
    if (lines.length > 0) printLine(console, `Deleted Images:\n${lines.join('\n')}\n`)
    printLine(console, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
    return 0
  },
})
