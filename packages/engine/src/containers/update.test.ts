import assert from 'node:assert/strict'
import { test } from 'node:test'
import { updatedHostConfig } from './update.ts'

const megabyte = 1 << 20

test('updatedHostConfig() changes what is asked for, and leaves what is 0 or empty', () => {
  const before = { Memory: 64 * megabyte, CpuShares: 512, PidsLimit: 10, Privileged: true }
  const after = updatedHostConfig(before, { CpuShares: 256, Memory: 0, CpusetCpus: '', PidsLimit: -1 })
  assert.deepEqual(after, { ...before, CpuShares: 256, PidsLimit: -1 })
})

test('updatedHostConfig() takes a restart policy, and refuses one that --rm forbids', () => {
  const { RestartPolicy } = updatedHostConfig({}, { RestartPolicy: { Name: 'always' } })
  assert.deepEqual(RestartPolicy, { Name: 'always', MaximumRetryCount: 0 })
  assert.throws(() => updatedHostConfig({ AutoRemove: true }, { RestartPolicy: { Name: 'always' } }), /AutoRemove/)
  const unknown = { Name: 'sometimes' as 'always' }
  assert.throws(() => updatedHostConfig({}, { RestartPolicy: unknown }), /unknown policy 'sometimes'/)
})

test('updatedHostConfig() refuses limits that contradict those that are set', () => {
  const swap = { Memory: 64 * megabyte, MemorySwap: 128 * megabyte }
  assert.throws(() => updatedHostConfig(swap, { Memory: 256 * megabyte }), /already set memoryswap limit/)
  assert.equal(updatedHostConfig({ MemorySwap: -1 }, { Memory: 256 * megabyte }).Memory, 256 * megabyte)
  assert.throws(() => updatedHostConfig({ CpuQuota: 5000 }, { NanoCpus: 1e9 }), /Nano CPUs cannot be updated/)
  assert.throws(() => updatedHostConfig({ NanoCpus: 1e9 }, { CpuQuota: 5000 }), /NanoCPUs has already been set/)
  assert.throws(() => updatedHostConfig({}, { Memory: 1 }), /Minimum memory limit allowed is 6MB/)
})
