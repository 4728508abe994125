import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, parseDuration } from './duration.ts'

test('parseDuration() reads counts with units, one after the other', () => {
  assert.equal(parseDuration('0'), 0)
  assert.equal(parseDuration('250ms'), 250)
  assert.equal(parseDuration('1h30m'), 5_400_000)
  assert.equal(parseDuration('7d'), 604_800_000)
})

test('parseDuration() refuses what has no unit, or an unknown one', () => {
  for (const text of ['', '5', '-1h', '1w', '1h 2m', 'h', '1e9d']) {
    assert.throws(() => parseDuration(text), { code: 'invalid' }, text)
  }
})

test('formatDuration() shows the two largest units', () => {
  assert.equal(formatDuration(0), '0s')
  assert.equal(formatDuration(-5), '0s')
  assert.equal(formatDuration(61_000), '1m 1s')
  assert.equal(formatDuration(90_061_000), '1d 1h')
})
