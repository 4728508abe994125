import assert from 'node:assert/strict'
import { test } from 'node:test'
import { excerptSource } from './excerpt-source.ts'

test('excerptSource() keeps the numbers of the lines around a mistake in a long text', () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}`)
  const kept = excerptSource(lines.join('\n'), [1000, 1002]).split('\n')
  assert.equal(kept.length, 1010)
  assert.deepEqual(kept.slice(990), ['', ...lines.slice(991, 1010)])
  assert.deepEqual(new Set(kept.slice(0, 991)), new Set(['']))
  assert.equal(excerptSource('short\ntext', [1, 1]), 'short\ntext')
})
