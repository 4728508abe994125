import type { ContainerStats, MemoryStats } from '@slipway/client'
import { binarySize, humanSize, shortId } from '../../format/human.ts'
import type { Row, RowLayout } from '../../format/rows.ts'

export const statsLayout: RowLayout = {
  table: '{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}',
  quiet: '{{.ID}}',
  type: '*container.statsContext',
  headings: {
    Container: 'CONTAINER',
    ID: 'CONTAINER ID',
    Name: 'NAME',
    CPUPerc: 'CPU %',
    MemUsage: 'MEM USAGE / LIMIT',
    MemPerc: 'MEM %',
    NetIO: 'NET I/O',
    BlockIO: 'BLOCK I/O',
    PIDs: 'PIDS',
  },
}

/** What is used without what the kernel could give back at once: files it has read and nobody reads any more. */
const usedMemory = ({ usage = 0, stats = {} }: MemoryStats): number => {
  const inactive = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0
  return inactive < usage ? usage - inactive : usage
}

/** Of one CPU: four busy ones are 400 %. */
export const cpuPercentage = ({ cpu_stats: now, precpu_stats: before }: ContainerStats): number => {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage
  const given = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0)
  return used > 0 && given > 0 ? (used / given) * (now.online_cpus ?? 1) * 100 : 0
}

const percent = (value: number): string => `${value.toFixed(2)}%`
const pair = (a: number, b: number): string => `${humanSize(a, 3)} / ${humanSize(b, 3)}`

const sum = <T>(items: readonly T[], amountOf: (item: T) => number): number =>
  items.reduce((total, item) => total + amountOf(item), 0)

/** A container as `stats` shows it; `asked`: what it was called on the command line. */
export const statsRow = (stats: ContainerStats, { asked, full }: { asked: string; full: boolean }): Row => {
  const networks = Object.values(stats.networks ?? {})
  const blocks = stats.blkio_stats.io_service_bytes_recursive ?? []
  const { limit = 0 } = stats.memory_stats
  const used = usedMemory(stats.memory_stats)
  const ofKind = (letter: string): number =>
    sum(
      blocks.filter(({ op }) => op.toLowerCase().startsWith(letter)),
      ({ value }) => value,
    )
  return {
    Container: asked,
    ID: full ? stats.id : shortId(stats.id),
    Name: stats.name.replace(/^\//, ''),
    CPUPerc: percent(cpuPercentage(stats)),
    MemUsage: `${binarySize(used)} / ${binarySize(limit)}`,
    MemPerc: percent(limit > 0 ? (used / limit) * 100 : 0),
    NetIO: pair(
      sum(networks, ({ rx_bytes }) => rx_bytes),
      sum(networks, ({ tx_bytes }) => tx_bytes),
    ),
    BlockIO: pair(ofKind('r'), ofKind('w')),
    PIDs: String(stats.pids_stats.current ?? 0),
  }
}

/** A container of which nothing is known yet. */
export const unknownRow = (asked: string): Row => ({
  Container: asked,
  ID: '--',
  Name: '--',
  CPUPerc: '--',
  MemUsage: '-- / --',
  MemPerc: '--',
  NetIO: '--',
  BlockIO: '--',
  PIDs: '--',
})
