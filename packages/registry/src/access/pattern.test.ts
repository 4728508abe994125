import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatGrants, isWithin, likeOf, parseActions, parseGrants, parsePattern } from './pattern.ts'

test('a pattern is a repository, everything below a name, or everything', () => {
  for (const text of ['**', 'team/**', 'team/app', 'a_b/c.d/**']) assert.equal(parsePattern(text), text)
  for (const text of ['', '*', 'team/*', 'Team/**', '/**', 'team**', 'a/../b', '**/a', '%']) {
    assert.throws(() => parsePattern(text), { code: 'invalid' }, text)
  }
})

test('actions are some of four, in one order', () => {
  assert.deepEqual(parseActions('push,pull'), ['pull', 'push'])
  assert.deepEqual(parseActions('*'), ['pull', 'push', 'delete', 'manage'])
  for (const text of ['', 'read', 'pull,', 'pull push']) assert.throws(() => parseActions(text), { code: 'invalid' })
})

test('what is within grants is so for its name and its action', () => {
  const grants = parseGrants('team/**:pull,push  other:pull')
  assert.equal(isWithin(grants, 'push', 'team/app'), true)
  assert.equal(isWithin(grants, 'push', 'team/a/b'), true)
  assert.equal(isWithin(grants, 'pull', 'other'), true)
  for (const [action, name] of [
    ['push', 'other'],
    ['delete', 'team/app'],
    ['pull', 'team'],
    ['pull', 'teams/app'],
    ['pull', 'other/x'],
  ] as const) {
    assert.equal(isWithin(grants, action, name), false, `${action} ${name}`)
  }
  assert.equal(formatGrants(grants), 'team/**:pull,push other:pull')
  assert.throws(() => parseGrants('team'), { code: 'invalid' })
})

test('for LIKE, letters that would mean more are escaped', () => {
  assert.deepEqual(['**', 'a_b/**', 'a'].map(likeOf), ['%', 'a\\_b/%', 'a'])
})
