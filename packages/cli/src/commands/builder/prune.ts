import { prune } from '@slipway/buildkit/client'
import { pruneBuilds } from '@slipway/client'
import { withBuildKit } from '../../build/ask.ts'
import { wantsClassic } from '../../build/switch.ts'
import { describeUsage, readUsageFilter, type UsageRecord, usageLayout, usageRow } from '../../build/usage.ts'
import { defineCommand, none, type Session } from '../../command.ts'
import { filters, toggle, type Values } from '../../flags/flag.ts'
import { size } from '../../flags/quantity.ts'
import { humanSize } from '../../format/human.ts'
import { formatRows } from '../../format/rows.ts'
import { printLine } from '../../terminal/console.ts'
import { confirm } from '../../terminal/prompt.ts'

const flags = {
  all: toggle('a', 'Include internal/frontend images'),
  filter: filters('Provide filter values', ''),
  force: toggle('f', 'Do not prompt for confirmation'),
  'keep-storage': size('', 'Amount of disk space to keep for cache', { hidden: true }),
  'max-used-space': size('', 'Maximum amount of disk space allowed to keep for cache'),
  'min-free-space': size('', 'Target amount of free disk space after pruning'),
  'reserved-space': size('', 'Amount of disk space always allowed to keep for cache'),
  verbose: toggle('', 'Provide a more verbose output'),
} as const

type PruneFlags = Values<typeof flags>

/** In the words of the classic builder. */
const pruneClassic = async ({ all, filter, ...rest }: PruneFlags, { console, client }: Session): Promise<void> => {
  const keep = rest['keep-storage'] ?? rest['reserved-space']
  const { CachesDeleted, SpaceReclaimed } = await pruneBuilds(await client(), { all, keep, filters: filter })
  if (CachesDeleted?.length) printLine(console, `Deleted build cache objects:\n${CachesDeleted.join('\n')}\n`)
  printLine(console, `Total reclaimed space: ${humanSize(SpaceReclaimed)}`)
}

const pruneCache = async (flags: PruneFlags, session: Session): Promise<void> => {
  const request = {
    all: flags.all,
    reservedSpace: flags['reserved-space'] ?? flags['keep-storage'] ?? 0,
    maxUsedSpace: flags['max-used-space'] ?? 0,
    minFreeSpace: flags['min-free-space'] ?? 0,
    ...readUsageFilter(flags.filter),
  }
  const { stdout } = session.console
  const gone: UsageRecord[] = await withBuildKit(session, (buildkit, signal) =>
    Array.fromAsync(prune(buildkit, request, signal)),
  )
  if (flags.verbose) for (const record of gone) stdout.write(describeUsage(record))
  else if (gone.length > 0) stdout.write(formatRows(usageLayout, gone.map(usageRow), {}))
  stdout.write(`Total:\t${humanSize(gone.reduce((total, record) => total + record.size, 0))}\n`)
}

export const command = defineCommand({
  names: ['builder prune'],
  usage: '',
  summary: 'Remove build cache',
  operands: none,
  flags,
  run: async ({ flags, session }) => {
    const warning = `WARNING! This will remove all ${flags.all ? '' : 'dangling '}build cache.`
    if (!flags.force && !(await confirm(session.console, warning))) return 0
    await ((await wantsClassic(session)) ? pruneClassic : pruneCache)(flags, session)
    return 0
  },
})
