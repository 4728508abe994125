import { type DiskUsage, diskUsage, type Volume } from '@slipway/client'
import { defineCommand, none } from '../../command.ts'
import { text, toggle } from '../../flags/flag.ts'
import { formatHelp } from '../../format/format-help.ts'
import { humanSize } from '../../format/human.ts'
import { formatRows, type Row, type RowLayout } from '../../format/rows.ts'
import { showDetails } from './df-details.ts'

const layout = (table: string, headings: Readonly<Record<string, string>>): RowLayout => ({
  table,
  headings,
  quiet: '',
  // docker makes a row of each kind of thing, and images are the first.
  type: '*formatter.diskUsageImagesContext',
})

const summaryLayout = layout('{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}', {
  Type: 'TYPE',
  TotalCount: 'TOTAL',
  Active: 'ACTIVE',
  Size: 'SIZE',
  Reclaimable: 'RECLAIMABLE',
})

interface Sum {
  readonly type: string
  readonly total: number
  readonly active: number
  readonly size: number
  readonly free: number
}

const sum = <T>(items: readonly T[], size: (item: T) => number): number =>
  items.reduce((total, item) => total + size(item), 0)

const isUp = ({ State }: { readonly State: string }): boolean => ['running', 'paused', 'restarting'].includes(State)

const isUsed = ({ UsageData }: Volume): boolean => (UsageData?.RefCount ?? 0) > 0
const bytesOf = ({ UsageData }: Volume): number => Math.max(0, UsageData?.Size ?? 0)

/** What is in use, and what would be free without the rest, as docker counts. */
const sumsOf = ({ LayersSize, Images, Containers, Volumes, BuildCache }: DiskUsage): readonly Sum[] => {
  const used = (Images ?? []).filter((image) => image.Containers > 0)
  const stopped = (Containers ?? []).filter((container) => !isUp(container))
  const ownCache = (BuildCache ?? []).filter(({ Shared }) => !Shared)
  return [
    {
      type: 'Images',
      total: Images?.length ?? 0,
      active: used.length,
      size: LayersSize,
      free: LayersSize - sum(used, ({ Size, SharedSize }) => Size - Math.max(0, SharedSize)),
    },
    {
      type: 'Containers',
      total: Containers?.length ?? 0,
      active: (Containers?.length ?? 0) - stopped.length,
      size: sum(Containers ?? [], ({ SizeRw }) => SizeRw ?? 0),
      free: sum(stopped, ({ SizeRw }) => SizeRw ?? 0),
    },
    {
      type: 'Local Volumes',
      total: Volumes?.length ?? 0,
      active: (Volumes ?? []).filter(isUsed).length,
      size: sum(Volumes ?? [], bytesOf),
      free: sum(Volumes ?? [], (volume) => (isUsed(volume) ? 0 : bytesOf(volume))),
    },
    {
      type: 'Build Cache',
      total: BuildCache?.length ?? 0,
      active: (BuildCache ?? []).filter(({ InUse }) => InUse).length,
      size: sum(ownCache, ({ Size }) => Size),
      free: sum(ownCache, ({ Size }) => Size),
    },
  ]
}

const summaryRow = ({ type, total, active, size, free }: Sum): Row => ({
  Type: type,
  TotalCount: String(total),
  Active: String(active),
  Size: humanSize(size),
  Reclaimable: size > 0 ? `${humanSize(free)} (${Math.trunc((free * 100) / size)}%)` : humanSize(free),
})

export const command = defineCommand({
  names: ['system df'],
  usage: '[OPTIONS]',
  summary: 'Show disk usage of the engine',
  operands: none,
  flags: { format: text('', formatHelp), verbose: toggle('v', 'Show detailed information on space usage') },
  run: async ({ flags: { format, verbose }, session: { console, client } }) => {
    const usage = await diskUsage(await client())
    if (!verbose) console.stdout.write(formatRows(summaryLayout, sumsOf(usage).map(summaryRow), { format }))
    else console.stdout.write(showDetails(usage, format))
    return 0
  },
})
