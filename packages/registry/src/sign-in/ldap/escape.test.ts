import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeForFilter, escapeForName, fill } from './escape.ts'

test('what a person typed means nothing but itself in a filter, and in a name', () => {
  assert.equal(
    fill('(&(uid={user})(objectClass=person))', { user: '*)(uid=*\\\0' }, escapeForFilter),
    '(&(uid=\\2a\\29\\28uid=\\2a\\5c\\00)(objectClass=person))',
  )
  assert.equal(
    fill('uid={user},ou=people', { user: ' admin,ou=evil+cn="x"<>;=\\ ' }, escapeForName),
    'uid=\\20admin\\2cou\\3devil\\2bcn\\3d\\22x\\22\\3c\\3e\\3b\\3d\\5c\\20,ou=people',
  )
  assert.equal(escapeForName('#1'), '\\231')
  assert.equal(fill('(uid={user})', { user: '{user}{dn}', dn: 'x' }, escapeForFilter), '(uid={user}{dn})')
})
