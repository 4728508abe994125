import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPassword, verifyPassword } from './password.ts'

const cheap = { ln: 4, r: 1, p: 1 }

test('verifyPassword() knows the right password from others, and each hash has a salt of its own', async () => {
  const [one, other] = await Promise.all([hashPassword('pässword', cheap), hashPassword('pässword', cheap)])
  assert.notEqual(one, other)
  assert.equal(await verifyPassword('pässword', one), true)
  assert.equal(await verifyPassword('pa\u0308ssword', one), true, 'the same letters in another normal form')
  assert.equal(await verifyPassword('password', one), false)
})

test('hashPassword() takes the cost that is meant for people', async () => {
  assert.match(await hashPassword('password'), /^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/)
})

test('verifyPassword() refuses what is no hash of ours', async () => {
  for (const text of ['', 'plain', '$scrypt$ln=15,r=8,p=3$$', '$2y$10$abc']) {
    assert.equal(await verifyPassword('x', text), false, text)
  }
})
