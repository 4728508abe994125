import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FailedAttempts } from './attempts.ts'

test('FailedAttempts lets ten wrong passwords pass, then makes that address wait', async () => {
  let now = 0
  const attempts = new FailedAttempts(undefined, () => now)
  const james = { account: 'james', address: '10.0.0.1' }
  for (let count = 0; count < 10; count += 1) assert.equal(await attempts.begin(james), 0)
  assert.equal(await attempts.begin(james), 300)
  assert.equal(await attempts.begin({ ...james, address: '10.0.0.2' }), 0)
  assert.equal(await attempts.begin({ ...james, account: 'mary' }), 0)
  now += 5 * 60_000
  assert.equal(await attempts.begin(james), 0)
})

test('FailedAttempts forgets them all after a right one, and one that couldn’t be found out', async () => {
  const attempts = new FailedAttempts()
  const james = { account: 'james', address: '::1' }
  for (let count = 0; count < 10; count += 1) await attempts.begin(james)
  await attempts.forgive(james)
  assert.equal(await attempts.begin(james), 0)
  assert.ok((await attempts.begin(james)) > 0)
  await attempts.succeeded(james)
  assert.equal(await attempts.begin(james), 0)
})
