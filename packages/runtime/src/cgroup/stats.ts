import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Stats } from '@slipway/core'
import type { ContainerCgroup } from './locate.ts'
import { parseFlat, parseLimit, readCgroupFile } from './read.ts'

/** One line of `blkio_stats`: bytes or operations of a device. */
export interface BlockIo {
  readonly major: number
  readonly minor: number
  /** `read`, `write`. */
  readonly op: string
  readonly value: number
}

/** All that `docker stats` shows of a container's cgroup. */
export interface CgroupStats extends Stats {
  readonly userNanoseconds: bigint
  readonly systemNanoseconds: bigint
  readonly throttling: {
    readonly periods: number
    readonly throttledPeriods: number
    readonly throttledNanoseconds: bigint
  }
  /** The kernel's own names (memory.stat), in bytes and counts. */
  readonly memory: Readonly<Record<string, number>>
  /** v1 only: the most it ever used. */
  readonly memoryMaximumBytes?: number
  readonly memoryFailures: number
  readonly pidsLimit?: number
  readonly blockBytes: readonly BlockIo[]
  readonly blockOperations: readonly BlockIo[]
}

/** Undefined when the cgroup isn't there (any more). */
export const readCgroupStats = (cgroup: ContainerCgroup): Promise<CgroupStats | undefined> =>
  cgroup.mode === 'v2' ? readV2(cgroup) : readV1(cgroup)

const ticksPerSecond = 100n
const second = 1_000_000_000n

const readV1 = async (cgroup: ContainerCgroup): Promise<CgroupStats | undefined> => {
  const read = (controller: string, name: string) => readCgroupFile(join(cgroup.directory(controller), name))
  const [usage, cpuStat, throttle, used, maximum, limit, memoryStat, failures, pids, pidsLimit, bytes, operations] =
    await Promise.all([
      read('cpuacct', 'cpuacct.usage'),
      read('cpuacct', 'cpuacct.stat'),
      read('cpu', 'cpu.stat'),
      read('memory', 'memory.usage_in_bytes'),
      read('memory', 'memory.max_usage_in_bytes'),
      read('memory', 'memory.limit_in_bytes'),
      read('memory', 'memory.stat'),
      read('memory', 'memory.failcnt'),
      read('pids', 'pids.current'),
      read('pids', 'pids.max'),
      read('blkio', 'blkio.throttle.io_service_bytes'),
      read('blkio', 'blkio.throttle.io_serviced'),
    ])
  if (usage === undefined && used === undefined) return undefined
  const ticks = parseFlat(cpuStat ?? '')
  const cpu = parseFlat(throttle ?? '')
  return {
    cpuNanoseconds: BigInt(usage?.trim() || 0),
    userNanoseconds: (BigInt(ticks['user'] ?? 0) * second) / ticksPerSecond,
    systemNanoseconds: (BigInt(ticks['system'] ?? 0) * second) / ticksPerSecond,
    throttling: {
      periods: cpu['nr_periods'] ?? 0,
      throttledPeriods: cpu['nr_throttled'] ?? 0,
      throttledNanoseconds: BigInt(cpu['throttled_time'] ?? 0),
    },
    ...memoryAndPids({ used, limit, memoryStat, pids, pidsLimit }),
    ...(maximum === undefined ? {} : { memoryMaximumBytes: Number(maximum) }),
    memoryFailures: Number(failures ?? 0),
    blockBytes: parseBlockV1(bytes ?? ''),
    blockOperations: parseBlockV1(operations ?? ''),
  }
}

const readV2 = async (cgroup: ContainerCgroup): Promise<CgroupStats | undefined> => {
  const read = (name: string) => readCgroupFile(join(cgroup.directory(''), name))
  const [cpuStat, used, limit, memoryStat, events, pids, pidsLimit, io] = await Promise.all([
    read('cpu.stat'),
    read('memory.current'),
    read('memory.max'),
    read('memory.stat'),
    read('memory.events'),
    read('pids.current'),
    read('pids.max'),
    read('io.stat'),
  ])
  if (cpuStat === undefined) return undefined
  const cpu = parseFlat(cpuStat)
  const nanoseconds = (name: string): bigint => BigInt(cpu[name] ?? 0) * 1000n
  return {
    cpuNanoseconds: nanoseconds('usage_usec'),
    userNanoseconds: nanoseconds('user_usec'),
    systemNanoseconds: nanoseconds('system_usec'),
    throttling: {
      periods: cpu['nr_periods'] ?? 0,
      throttledPeriods: cpu['nr_throttled'] ?? 0,
      throttledNanoseconds: nanoseconds('throttled_usec'),
    },
    ...memoryAndPids({ used, limit, memoryStat, pids, pidsLimit }),
    memoryFailures: parseFlat(events ?? '')['max'] ?? 0,
    ...parseBlockV2(io ?? ''),
  }
}

type Texts<Name extends string> = Readonly<Record<Name, string | undefined>>

const memoryAndPids = (text: Texts<'used' | 'limit' | 'memoryStat' | 'pids' | 'pidsLimit'>) => {
  const pidsLimit = parseLimit(text.pidsLimit)
  return {
    memoryBytes: Number(text.used ?? 0),
    // docker shows the machine's memory where there is no limit.
    memoryLimitBytes: parseLimit(text.limit) ?? totalmem(),
    memory: parseFlat(text.memoryStat ?? ''),
    pids: Number(text.pids ?? 0),
    ...(pidsLimit === undefined ? {} : { pidsLimit }),
  }
}

/** `8:0 Read 4096` a line. */
export const parseBlockV1 = (text: string): readonly BlockIo[] =>
  [...text.matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm)].map(([, major, minor, op = '', value]) => ({
    major: Number(major),
    minor: Number(minor),
    op: op.toLowerCase(),
    value: Number(value),
  }))

/** `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 …` a line. */
export const parseBlockV2 = (text: string): Pick<CgroupStats, 'blockBytes' | 'blockOperations'> => {
  const rows = [...text.matchAll(/^(\d+):(\d+) (.*)$/gm)].map(([, major, minor, rest = '']) => ({
    device: { major: Number(major), minor: Number(minor) },
    counts: new Map([...rest.matchAll(/(\w+)=(\d+)/g)].map(([, name = '', value]) => [name, Number(value)])),
  }))
  const pick = (read: string, write: string): readonly BlockIo[] =>
    rows.flatMap(({ device, counts }) => [
      { ...device, op: 'read', value: counts.get(read) ?? 0 },
      { ...device, op: 'write', value: counts.get(write) ?? 0 },
    ])
  return { blockBytes: pick('rbytes', 'wbytes'), blockOperations: pick('rios', 'wios') }
}
