import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ContainerRecord, neverRun } from './records.ts'
import { restartDelay } from './restart-policy.ts'

const recordWith = (policy: object, state: object = {}): ContainerRecord => ({
  id: 'x',
  name: 'x',
  createdAt: '',
  imageId: `sha256:${'0'.repeat(64)}`,
  definition: { image: 'x', config: {}, hostConfig: { RestartPolicy: policy }, endpoints: {} },
  state: { ...neverRun, ...state },
})

test('restartDelay() follows the policy, doubles, and begins anew after a steady run', () => {
  const run = { exitCode: 1, ranFor: 10, lastDelay: undefined }
  assert.equal(restartDelay(recordWith({ Name: 'no' }), run), undefined)
  assert.equal(restartDelay(recordWith({ Name: 'always' }), run), 100)
  assert.equal(restartDelay(recordWith({ Name: 'always' }), { ...run, lastDelay: 400 }), 800)
  assert.equal(restartDelay(recordWith({ Name: 'always' }), { ...run, lastDelay: 50_000 }), 60_000)
  assert.equal(restartDelay(recordWith({ Name: 'always' }), { ...run, lastDelay: 400, ranFor: 10_000 }), 100)
  assert.equal(restartDelay(recordWith({ Name: 'always' }, { manuallyStopped: true }), run), undefined)
  assert.equal(restartDelay(recordWith({ Name: 'on-failure' }), { ...run, exitCode: 0 }), undefined)
  const limited = { Name: 'on-failure', MaximumRetryCount: 2 }
  assert.equal(restartDelay(recordWith(limited, { restartCount: 1 }), run), 100)
  assert.equal(restartDelay(recordWith(limited, { restartCount: 2 }), run), undefined)
  const healed = { Name: 'on-unhealthy' }
  const unhealthy = { Status: 'unhealthy', FailingStreak: 3, Log: [] } as const
  assert.equal(restartDelay(recordWith(healed, { health: unhealthy }), { ...run, exitCode: 0 }), 100)
  assert.equal(restartDelay(recordWith(healed), { ...run, exitCode: 0 }), undefined)
  assert.equal(restartDelay(recordWith(healed), run), 100)
})
