import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FailedAttempts } from './attempts.ts'

test('FailedAttempts lets ten wrong passwords pass, then makes that address wait', () => {
  let now = 0
  const attempts = new FailedAttempts(undefined, () => now)
  for (let count = 0; count < 10; count += 1) {
    assert.equal(attempts.waitFor('james', '10.0.0.1'), 0)
    attempts.failed('james', '10.0.0.1')
  }
  assert.ok(attempts.waitFor('james', '10.0.0.1') > 0)
  assert.equal(attempts.waitFor('james', '10.0.0.2'), 0)
  assert.equal(attempts.waitFor('mary', '10.0.0.1'), 0)
  now += 5 * 60_000
  assert.equal(attempts.waitFor('james', '10.0.0.1'), 0)
})

test('FailedAttempts forgets them all after a right one', () => {
  const attempts = new FailedAttempts()
  for (let count = 0; count < 10; count += 1) attempts.failed('james', '::1')
  attempts.succeeded('james', '::1')
  assert.equal(attempts.waitFor('james', '::1'), 0)
})
