import type { BuildCacheRecord, ContainerSummary, DiskUsage, Volume } from '@slipway/client'
import { ago, humanSize } from '../../format/human.ts'
import { formatKinds, formatRows, type Row, type RowLayout } from '../../format/rows.ts'
import { containerLayout, containerRow } from '../container/container-row.ts'
import { imageLayout, imageRows } from '../image/image-row.ts'
import { volumeLayout, volumeRow } from '../volume/volume-row.ts'

interface Part {
  /** docker's name of it in `--format`. */
  readonly name: string
  readonly title: string
  readonly layout: RowLayout
  readonly rows: readonly Row[]
}

const imageTable =
  '{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}'
const containerTable =
  '{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}'

const cacheLayout: RowLayout = {
  table: '{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}',
  quiet: '',
  type: '*formatter.buildCacheContext',
  headings: {
    ID: 'CACHE ID',
    CacheType: 'CACHE TYPE',
    Size: 'SIZE',
    CreatedSince: 'CREATED',
    LastUsedSince: 'LAST USED',
    UsageCount: 'USAGE',
    Shared: 'SHARED',
  },
}

/** Only what it has written: what its image takes is said above. */
const ownSize = (container: ContainerSummary): ContainerSummary => ({ ...container, SizeRootFs: 0 })

/** With what the list doesn't measure. */
const measuredVolume = (volume: Volume): Row => ({
  ...volumeRow(volume),
  Links: String(volume.UsageData?.RefCount ?? 0),
  Size: (volume.UsageData?.Size ?? -1) < 0 ? 'N/A' : humanSize(volume.UsageData?.Size ?? 0),
})

/** What is in use has a star. */
const cacheRow = (record: BuildCacheRecord): Row => ({
  ID: `${record.ID.slice(0, 12)}${record.InUse ? '*' : ''}`,
  Parent: '',
  CacheType: record.Type,
  Description: record.Description,
  Size: humanSize(record.Size),
  CreatedAt: record.CreatedAt,
  CreatedSince: ago(new Date(record.CreatedAt)),
  LastUsedAt: record.LastUsedAt ?? '',
  LastUsedSince: record.LastUsedAt === null ? '' : ago(new Date(record.LastUsedAt)),
  UsageCount: String(record.UsageCount),
  InUse: String(record.InUse),
  Shared: String(record.Shared),
})

const partsOf = ({ Images, Containers, Volumes, BuildCache }: DiskUsage, full: boolean): readonly Part[] => {
  const cache = (BuildCache ?? []).filter(({ Shared }) => !Shared).reduce((sum, { Size }) => sum + Size, 0)
  return [
    {
      name: 'Images',
      title: 'Images space usage:',
      layout: { ...imageLayout({ digests: false }), table: imageTable },
      rows: (Images ?? []).flatMap((image) =>
        imageRows(image, { full, digests: false }).map((row) => ({ ...row, Digest: '' })),
      ),
    },
    {
      name: 'Containers',
      title: 'Containers space usage:',
      layout: { ...containerLayout({ size: true }), table: containerTable },
      rows: (Containers ?? []).map((container) => containerRow(ownSize(container), { full })),
    },
    {
      name: 'Volumes',
      title: 'Local Volumes space usage:',
      layout: { ...volumeLayout, table: '{{.Name}}\t{{.Links}}\t{{.Size}}' },
      rows: (Volumes ?? []).map(measuredVolume),
    },
    {
      name: 'BuildCache',
      title: `Build cache usage: ${humanSize(cache)}`,
      layout: cacheLayout,
      rows: (BuildCache ?? []).map(cacheRow),
    },
  ]
}

/** `df --verbose`: every image, container, volume and record of the build cache on a line; or all of it by a template. */
export const showDetails = (usage: DiskUsage, format: string | undefined): string => {
  const isTable = !format || format === 'table'
  const parts = partsOf(usage, !isTable)
  if (isTable) {
    return parts.map(({ title, layout, rows }) => `${title}\n\n${formatRows(layout, rows, {})}`).join('\n')
  }
  return formatKinds(format, Object.fromEntries(parts.map(({ name, rows }) => [name, rows])))
}
