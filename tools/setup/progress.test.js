import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, fit } from './progress.js'

test('fit() makes one line of what a program printed', () => {
  assert.equal(fit('\x1b[32mGet:1\x1b[0m http://deb\r\n\tmore', 80), 'Get:1 http://deb more')
  assert.equal(fit('abcdefgh', 8), 'abcdefgh')
  assert.equal(fit('abcdefghi', 8), 'abcdefg…')
  assert.equal(fit('abc', 0), '…')
})

test('duration() is for reading', () => {
  assert.deepEqual([420, 9_960, 59_400, 59_700, 119_800].map(duration), [
    '0.4 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '2 min 0 s',
  ])
})
