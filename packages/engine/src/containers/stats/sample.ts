import type { BlkioEntry, BlkioStats, ContainerStats, CpuStats, MemoryStats } from '@slipway/client'
import type { Stats } from '@slipway/core'
import type { CgroupStats } from '@slipway/runtime'
import type { ContainerRecord } from '../records.ts'
import type { ContainerRoom } from '../room.ts'
import { readInterfaces, readSystemCpu } from './machine.ts'

const never = '0001-01-01T00:00:00Z'

const noCpu: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}

const blkioStats = (
  bytes: readonly BlkioEntry[] | null = null,
  operations: readonly BlkioEntry[] | null = null,
): BlkioStats => ({
  io_service_bytes_recursive: bytes,
  io_serviced_recursive: operations,
  io_queue_recursive: null,
  io_service_time_recursive: null,
  io_wait_time_recursive: null,
  io_merged_recursive: null,
  io_time_recursive: null,
  sectors_recursive: null,
})

/** What docker sends of a container that doesn't run: its names alone. */
const emptySample = ({ id, name }: ContainerRecord): ContainerStats => ({
  name: `/${name}`,
  id,
  read: never,
  preread: never,
  pids_stats: {},
  blkio_stats: blkioStats(),
  num_procs: 0,
  storage_stats: {},
  cpu_stats: noCpu,
  precpu_stats: noCpu,
  memory_stats: {},
})

const cpuStats = (stats: CgroupStats, system: { nanoseconds: number; cpus: number }): CpuStats => ({
  cpu_usage: {
    total_usage: Number(stats.cpuNanoseconds),
    usage_in_kernelmode: Number(stats.systemNanoseconds),
    usage_in_usermode: Number(stats.userNanoseconds),
  },
  system_cpu_usage: system.nanoseconds,
  online_cpus: system.cpus,
  throttling_data: {
    periods: stats.throttling.periods,
    throttled_periods: stats.throttling.throttledPeriods,
    throttled_time: Number(stats.throttling.throttledNanoseconds),
  },
})

const memoryStats = (stats: CgroupStats): MemoryStats => ({
  usage: stats.memoryBytes,
  ...(stats.memoryMaximumBytes === undefined ? {} : { max_usage: stats.memoryMaximumBytes }),
  stats: stats.memory,
  ...(stats.memoryFailures > 0 ? { failcnt: stats.memoryFailures } : {}),
  limit: stats.memoryLimitBytes,
})

const isDetailed = (stats: Stats): stats is CgroupStats => 'throttling' in stats

/**
 * What a container uses at this moment. `before` is the last sample, of which this one takes over the CPU's counters: a
 * percentage needs two.
 */
export const takeSample = async (
  room: ContainerRoom,
  record: ContainerRecord,
  before: ContainerStats | undefined,
): Promise<ContainerStats> => {
  const { id, state } = record
  const empty = emptySample(record)
  const task = room.running.get(id)?.task
  const stats = await task?.stats().catch(() => undefined)
  if (stats === undefined || !isDetailed(stats)) return empty
  const [system, networks] = await Promise.all([
    readSystemCpu(),
    state.netns === '' ? undefined : readInterfaces(state.pid),
  ])
  return {
    ...empty,
    read: new Date().toISOString(),
    preread: before?.read ?? never,
    pids_stats: { current: stats.pids, ...(stats.pidsLimit === undefined ? {} : { limit: stats.pidsLimit }) },
    blkio_stats: blkioStats(stats.blockBytes, stats.blockOperations),
    cpu_stats: cpuStats(stats, system),
    precpu_stats: before?.cpu_stats ?? noCpu,
    memory_stats: memoryStats(stats),
    ...(networks === undefined ? {} : { networks }),
  }
}
