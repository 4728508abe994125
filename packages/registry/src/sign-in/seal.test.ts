import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSeal } from './seal.ts'

test('what was sealed is read with the same key for the same purpose, unless a bit of it was changed', () => {
  const seal = createSeal(randomBytes(32))
  const text = seal.close('a', Buffer.from('secret'))
  assert.notEqual(seal.close('a', Buffer.from('secret')), text)
  assert.equal(seal.open('a', text)?.toString(), 'secret')
  assert.equal(seal.open('b', text), undefined)
  assert.equal(createSeal(randomBytes(32)).open('a', text), undefined)
  const bytes = Buffer.from(text, 'base64url')
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(seal.open('a', changed.toString('base64url')), undefined)
  }
  for (const short of ['', 'AAAA', text.slice(0, 30)]) assert.equal(seal.open('a', short), undefined)
})
