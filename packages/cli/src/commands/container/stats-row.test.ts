import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStats, CpuStats } from '@slipway/client'
import { cpuPercentage, statsRow } from './stats-row.ts'

const cpu = (used: number, system: number): CpuStats => ({
  cpu_usage: { total_usage: used, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  system_cpu_usage: system,
  online_cpus: 4,
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
})

const nothing = {
  io_queue_recursive: null,
  io_service_time_recursive: null,
  io_wait_time_recursive: null,
  io_merged_recursive: null,
  io_time_recursive: null,
  sectors_recursive: null,
} as const

const sample: ContainerStats = {
  name: '/web',
  id: '0123456789abcdef',
  read: '',
  preread: '',
  pids_stats: { current: 3 },
  blkio_stats: {
    ...nothing,
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'Read', value: 1_500_000 },
      { major: 8, minor: 16, op: 'read', value: 500_000 },
      { major: 8, minor: 0, op: 'Write', value: 4096 },
      { major: 8, minor: 0, op: 'Total', value: 9_999_999 },
    ],
    io_serviced_recursive: null,
  },
  num_procs: 0,
  storage_stats: {},
  cpu_stats: cpu(3_000, 8_000),
  precpu_stats: cpu(1_000, 4_000),
  memory_stats: { usage: 3 << 20, limit: 8 << 20, stats: { total_inactive_file: 1 << 20, inactive_file: 5 } },
}

test('cpuPercentage() is of one CPU, and 0 where nothing can be said', () => {
  assert.equal(cpuPercentage(sample), 200)
  assert.equal(cpuPercentage({ ...sample, precpu_stats: sample.cpu_stats }), 0)
})

test('statsRow() counts as docker does: no cold files in memory, reads and writes of all devices', () => {
  const { CPUPerc, MemUsage, MemPerc, BlockIO, NetIO, PIDs, ID } = statsRow(sample, { asked: 'web', full: false })
  assert.deepEqual([CPUPerc, MemUsage, MemPerc], ['200.00%', '2MiB / 8MiB', '25.00%'])
  assert.deepEqual([BlockIO, NetIO, PIDs, ID], ['2MB / 4.1kB', '0B / 0B', '3', '0123456789ab'])
})
