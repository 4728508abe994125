import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toTimestamp } from './timestamp.ts'

test('toTimestamp() reads moments and lengths of time', () => {
  const now = Date.UTC(2024, 0, 1, 0, 10)
  assert.equal(toTimestamp(undefined), undefined)
  assert.equal(toTimestamp('1700000000.5'), '1700000000.5')
  assert.equal(toTimestamp('10m', now), '1704067200.000000000')
  assert.equal(toTimestamp('2024-01-01T00:00:00Z'), '1704067200.000000000')
  assert.equal(toTimestamp('2024-01-01T01:00:00.25+01:00'), '1704067200.250000000')
  assert.equal(Number(toTimestamp('2024-01-01')), new Date(2024, 0, 1).getTime() / 1000)
  assert.equal(Number(toTimestamp('2024-01-01T05')), new Date(2024, 0, 1, 5).getTime() / 1000)
  assert.throws(() => toTimestamp('foo'), { message: 'failed to parse value as time or duration: "foo"' })
})
