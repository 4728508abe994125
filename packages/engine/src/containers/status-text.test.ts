import assert from 'node:assert/strict'
import { test } from 'node:test'
import { humanDuration } from './status-text.ts'

test('humanDuration() speaks as docker does', () => {
  const seconds: readonly (readonly [number, string])[] = [
    [0, 'Less than a second'],
    [1, '1 second'],
    [59, '59 seconds'],
    [60, 'About a minute'],
    [179, '2 minutes'],
    [3600, 'About an hour'],
    [2 * 3600, '2 hours'],
    [3 * 86400, '3 days'],
    [20 * 86400, '2 weeks'],
    [90 * 86400, '3 months'],
    [3 * 365 * 86400, '3 years'],
  ]
  for (const [count, text] of seconds) assert.equal(humanDuration(count * 1000), text)
})
