import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostConfig } from '@slipway/client'
import { checkLimits, parseCpuList } from './limits.ts'

test('parseCpuList() reads ranges and single numbers', () => {
  assert.deepEqual(parseCpuList('0-2,5'), [0, 1, 2, 5])
  for (const text of ['x', '', '3-1', '1,,2', '-1']) assert.equal(parseCpuList(text), undefined, text)
})

const refusals: readonly (readonly [HostConfig, RegExp])[] = [
  [{ MemoryReservation: 1 << 20 }, /^Minimum memory reservation allowed is 6MB$/],
  [{ MemorySwappiness: 101 }, /^Invalid value: 101, valid memory swappiness range is 0-100$/],
  [{ OomScoreAdj: 3000 }, /^Invalid value 3000, range for oom score adj is \[-1000, 1000\]$/],
  [{ NanoCpus: 1e15 }, /^range of CPUs is from 0\.01 to \d+\.00, as there are only \d+ CPUs available$/],
  [{ NanoCpus: 1e8, CpuPeriod: 1000 }, /^Conflicting options: Nano CPUs and CPU Period cannot both be set$/],
  [{ CpusetCpus: '99999' }, /^Requested CPUs are not available - requested 99999, available: /],
  [{ CpusetCpus: 'x' }, /^Invalid value x for cpuset cpus: invalid format: x$/],
  [{ RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } }, /can only be used with 'on-failure'/],
]

for (const [host, words] of refusals) {
  test(`checkLimits() refuses ${JSON.stringify(host)}`, () => {
    assert.throws(() => checkLimits(host), { code: 'invalid', message: words })
  })
}
