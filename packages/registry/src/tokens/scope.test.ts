import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatScope, parseScopes } from './scope.ts'

test('parseScopes() reads several scopes, given apart or together', () => {
  const expected = [
    { type: 'repository', name: 'a/b', actions: ['pull', 'push'] },
    { type: 'repository', name: 'c', actions: ['pull'] },
  ]
  assert.deepEqual(parseScopes(['repository:a/b:pull,push', 'repository:c:pull']), expected)
  assert.deepEqual(parseScopes(['repository:a/b:pull,push repository:c:pull']), expected)
  assert.equal(expected.map(formatScope).join(' '), 'repository:a/b:pull,push repository:c:pull')
})

test('parseScopes() reads the catalogue, and passes over what it cannot read', () => {
  assert.deepEqual(parseScopes(['registry:catalog:*']), [{ type: 'registry', name: 'catalog', actions: ['*'] }])
  assert.deepEqual(
    parseScopes(['', 'repository', 'repository:', 'repository::pull', 'repository:UPPER:pull', ':x:y']),
    [],
  )
})

test('parseScopes() reads no more than a client can mean', () => {
  assert.equal(parseScopes(['repository:a:pull '.repeat(1000)]).length, 64)
})
