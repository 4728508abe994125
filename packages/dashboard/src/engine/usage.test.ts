import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStats } from '@slipway/client'
import { usageOf } from './usage.ts'

const statsAt = (read: string, cpu: number, more: Partial<ContainerStats> = {}): ContainerStats =>
  ({
    id: 'c0ffee',
    name: '/web',
    read,
    preread: '0001-01-01T00:00:00Z',
    pids_stats: { current: 3 },
    cpu_stats: { cpu_usage: { total_usage: cpu, usage_in_kernelmode: 0, usage_in_usermode: 0 } },
    memory_stats: { usage: 1000, limit: 4000, stats: { inactive_file: 300 } },
    networks: {
      eth0: { rx_bytes: 10, tx_bytes: 1 },
      eth1: { rx_bytes: 20, tx_bytes: 2 },
    },
    ...more,
  }) as unknown as ContainerStats

test('usageOf() counts processor time between two samples, in parts of one processor', () => {
  const before = statsAt('2026-01-01T00:00:00Z', 1e9)
  assert.equal(usageOf(statsAt('2026-01-01T00:00:02Z', 4e9), before).cpu, 1.5)
  assert.equal(usageOf(before, undefined).cpu, 0)
  // A container that was restarted begins to count again.
  assert.equal(usageOf(statsAt('2026-01-01T00:00:02Z', 5), before).cpu, 0)
})

test('usageOf() leaves out the page cache that can be given back, with either version of cgroups', () => {
  const at = '2026-01-01T00:00:00Z'
  assert.equal(usageOf(statsAt(at, 0), undefined).memory, 700)
  const v1 = { usage: 1000, limit: 4000, stats: { total_inactive_file: 400, inactive_file: 300 } }
  assert.equal(usageOf(statsAt(at, 0, { memory_stats: v1 }), undefined).memory, 600)
  assert.equal(usageOf(statsAt(at, 0, { memory_stats: {} }), undefined).memory, 0)
})

test('usageOf() adds up all networks, and takes a container without any', () => {
  const at = '2026-01-01T00:00:00Z'
  const { received, sent, processes } = usageOf(statsAt(at, 0), undefined)
  assert.deepEqual({ received, sent, processes }, { received: 30, sent: 3, processes: 3 })
  const { networks: _, ...host } = statsAt(at, 0)
  assert.equal(usageOf(host, undefined).received, 0)
})
