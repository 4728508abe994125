import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WrittenEntries } from './written.ts'

test('entries are known by their bytes and their number', () => {
  const entries = new WrittenEntries()
  const texts = ['a', '', 'bc', 'x'.repeat(10_000), 'bc']
  for (const text of texts) entries.add(Buffer.from(text))
  for (const [number, text] of texts.entries()) {
    assert.ok(entries.isAt(number, Buffer.from(text)))
    assert.ok(!entries.isAt(number, Buffer.from(`${text}d`)))
    assert.ok(!entries.isAt(number, Buffer.from(text === '' ? 'b' : text.replace(/.$/, 'y'))))
  }
  assert.ok(!entries.isAt(texts.length, Buffer.alloc(0)))
})
