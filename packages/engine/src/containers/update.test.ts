import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contradiction, updatedHostConfig } from './update.ts'

const megabyte = 1 << 20

test('updatedHostConfig() changes what is asked for, and leaves what is 0 or empty', () => {
  const before = { Memory: 64 * megabyte, CpuShares: 512, PidsLimit: 10, Privileged: true }
  const after = updatedHostConfig(before, { CpuShares: 256, Memory: 0, CpusetCpus: '', PidsLimit: -1 })
  assert.deepEqual(after, { ...before, CpuShares: 256, PidsLimit: 0 })
  const realtime = { CpuRealtimePeriod: 1_000_000, CpuRealtimeRuntime: 950_000 }
  assert.deepEqual(updatedHostConfig({}, realtime), realtime)
})

test('updatedHostConfig() takes a restart policy, and refuses one that --rm forbids', () => {
  const { RestartPolicy } = updatedHostConfig({}, { RestartPolicy: { Name: 'always' } })
  assert.deepEqual(RestartPolicy, { Name: 'always', MaximumRetryCount: 0 })
  assert.throws(() => updatedHostConfig({ AutoRemove: true }, { RestartPolicy: { Name: 'always' } }), /AutoRemove/)
  const unknown = { Name: 'sometimes' as 'always' }
  assert.throws(() => updatedHostConfig({}, { RestartPolicy: unknown }), /unknown policy 'sometimes'/)
})

test('limits that contradict those that are set are found', () => {
  const swap = { Memory: 64 * megabyte, MemorySwap: 128 * megabyte }
  assert.match(contradiction(swap, { Memory: 256 * megabyte }) ?? '', /already set memoryswap limit/)
  assert.equal(contradiction(swap, { Memory: 128 * megabyte }), undefined)
  assert.equal(contradiction(swap, { Memory: 256 * megabyte, MemorySwap: 256 * megabyte }), undefined)
  for (const none of [{}, { MemorySwap: 0 }, { MemorySwap: -1 }]) {
    assert.match(contradiction(none, { Memory: 256 * megabyte }) ?? '', /update the memoryswap at the same time/)
  }
  assert.match(contradiction({ CpuQuota: 5000 }, { NanoCpus: 1e9 }) ?? '', /Nano CPUs cannot be updated/)
  assert.match(contradiction({ NanoCpus: 1e9 }, { CpuQuota: 5000 }) ?? '', /NanoCPUs has already been set/)
})

test('updatedHostConfig() refuses limits that can not be', () => {
  assert.throws(() => updatedHostConfig({}, { Memory: 1 }), /Minimum memory limit allowed is 6MB/)
})
