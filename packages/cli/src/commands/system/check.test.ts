import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sumUp } from './check.ts'

test('a check is summed up by what became of its findings', () => {
  const summed = (...outcomes: readonly ('found' | 'repaired' | 'lost')[]) =>
    sumUp(outcomes.map((Outcome) => ({ Outcome })))
  assert.equal(summed(), 'all is well')
  assert.equal(summed('found', 'found'), '2 found: --repair mends what can be mended')
  assert.equal(summed('repaired', 'lost', 'repaired'), '2 repaired, 1 lost')
  assert.equal(summed('found', 'repaired'), '1 found, 1 repaired')
})
