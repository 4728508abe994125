import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sessions } from './sessions.ts'

const hour = 3_600_000

test('a session is opened by the key, and by no other text', () => {
  const sessions = new Sessions({ key: 'right' })
  assert.throws(() => sessions.open('wrong'), { code: 'unauthenticated' })
  assert.throws(() => sessions.open(''), { code: 'unauthenticated' })
  const secret = sessions.open('right')
  assert.equal(sessions.has(secret), true)
  assert.equal(sessions.has('another'), false)
  assert.equal(sessions.has(undefined), false)
})

test('each session has a secret of its own, and closing one leaves the others', () => {
  const sessions = new Sessions({ key: 'right' })
  const [one, other] = [sessions.open('right'), sessions.open('right')]
  assert.notEqual(one, other)
  sessions.close(one)
  assert.deepEqual([sessions.has(one), sessions.has(other)], [false, true])
})

test('a session ends twelve hours after its last use', () => {
  let now = 0
  const sessions = new Sessions({ key: 'right', now: () => now })
  const secret = sessions.open('right')
  for (const hours of [11, 22, 33]) {
    now = hours * hour
    assert.equal(sessions.has(secret), true)
  }
  now += 12 * hour + 1
  assert.equal(sessions.has(secret), false)
})

test('after ten wrong keys nobody gets in for a minute, not even with the right one', () => {
  let now = 0
  const sessions = new Sessions({ key: 'right', now: () => now })
  for (let tries = 0; tries < 10; tries += 1) assert.throws(() => sessions.open('wrong'), { code: 'unauthenticated' })
  assert.throws(() => sessions.open('right'), { code: 'rate-limited' })
  now = 60_000
  assert.equal(sessions.has(sessions.open('right')), true)
})

test('a loop of sign-ins keeps a thousand sessions, the newest', () => {
  const sessions = new Sessions({ key: 'right' })
  const secrets = Array.from({ length: 1002 }, () => sessions.open('right'))
  assert.deepEqual(
    [secrets[0], secrets[1], secrets[2], secrets[1001]].map((secret) => sessions.has(secret)),
    [false, false, true, true],
  )
})
