import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSize } from './parse-size.ts'

test('sizes are read in thousands, and nothing else is one', () => {
  assert.deepEqual(['10GB', '1.5 tb', '500', '20 kB'].map(parseSize), [1e10, 1.5e12, 500, 20_000])
  assert.deepEqual(['', 'GB', '-1', '1e9', '10 GiB', '9'.repeat(30)].map(parseSize), Array(6).fill(undefined))
})
