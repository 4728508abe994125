import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSignal } from './signals.ts'

test('parseSignal() takes numbers and names in any spelling', () => {
  for (const [text, number] of [
    ['9', 9],
    ['KILL', 9],
    ['sigterm', 15],
    ['SIGRTMIN+3', 37],
    ['RTMAX-1', 63],
  ] as const) {
    assert.equal(parseSignal(text), number)
  }
  for (const text of ['', '0', '65', 'SIGNOTHING', 'RTMIN+99', '1.5']) {
    assert.throws(() => parseSignal(text), { code: 'invalid' })
  }
})
