import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPassword, verifyPassword } from './password.ts'

test('verifyPassword() knows the right password from others, and each hash has a salt of its own', async () => {
  const [one, other] = await Promise.all([hashPassword('pässword'), hashPassword('pässword')])
  assert.notEqual(one, other)
  assert.match(one, /^\$scrypt\$ln=15,r=8,p=3\$/)
  assert.equal(await verifyPassword('pässword', one), true)
  assert.equal(await verifyPassword('pa\u0308ssword', one), true, 'the same letters in another normal form')
  assert.equal(await verifyPassword('password', one), false)
})

test('verifyPassword() refuses what is no hash of ours', async () => {
  for (const text of ['', 'plain', '$scrypt$ln=15,r=8,p=3$$', '$2y$10$abc']) {
    assert.equal(await verifyPassword('x', text), false, text)
  }
})
