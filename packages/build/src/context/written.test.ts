import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WrittenEntries } from './written.ts'

test('entries are known by their bytes and their number', () => {
  const entries = new WrittenEntries()
  const texts = ['a', '', 'bc', 'x'.repeat(10_000), 'bc']
  for (const text of texts) entries.add(Buffer.from(text))
  const isAt = (number: number, text: string): boolean => {
    const bytes = Buffer.from(`before${text}behind`)
    return entries.isAt(number, bytes, 6, bytes.length - 6)
  }
  for (const [number, text] of texts.entries()) {
    assert.ok(isAt(number, text))
    assert.ok(!isAt(number, `${text}d`))
    assert.ok(!isAt(number, text === '' ? 'b' : text.replace(/.$/, 'y')))
  }
  assert.ok(!isAt(texts.length, ''))
  const some = new WrittenEntries()
  entries.copyTo(some, 3)
  some.add(Buffer.from('new'))
  assert.ok(some.isAt(2, Buffer.from('bc'), 0, 2))
  assert.ok(some.isAt(3, Buffer.from('new'), 0, 3))
})
