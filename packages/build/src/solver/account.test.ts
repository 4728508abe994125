import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '@slipway/core'
import { openSqlite } from '@slipway/database'
import { compareParts, openAccounts, reasonToMake } from './account.ts'
import { buildMigrations } from './migrations.ts'

test('an account is found again, and only the latest places are kept', async () => {
  await using database = await openSqlite(':memory:')
  await database.migrate(buildMigrations)
  const accounts = openAccounts(database)
  const account = { keys: [digestOf('key')], parts: { instruction: 'x', 'file __proto__': 'y' } }
  await accounts.write(new Map([[digestOf('place'), account]]))
  assert.deepEqual(await accounts.find(digestOf('place')), account)
  assert.equal(await accounts.find(digestOf('elsewhere')), undefined)
  const many = Array.from({ length: 600 }, (_, index) => [digestOf(`place ${index}`), account] as const)
  await accounts.write(new Map(many))
  const [row] = await database.sql<{ count: number }>`SELECT count(*) AS count FROM build_accounts`
  assert.equal(row?.count, 500)
})

test('files are compared only where both sides looked at them', () => {
  const looked = { instruction: 'x', content: 'c', 'file a': '1' }
  assert.deepEqual(compareParts(looked, { instruction: 'y' }), [{ part: 'instruction', how: 'changed' }])
  assert.deepEqual(compareParts(looked, { instruction: 'x', content: 'd', 'file b': '1' }), [
    { part: 'content', how: 'changed' },
    { part: 'file b', how: 'added' },
    { part: 'file a', how: 'removed' },
  ])
})

test('the same key again means that what it named is gone', () => {
  const before = { keys: [digestOf('a'), digestOf('b')], parts: {} }
  assert.deepEqual(reasonToMake(undefined, before), { kind: 'new' })
  assert.deepEqual(reasonToMake(before, { keys: [digestOf('b')], parts: {} }), { kind: 'gone' })
  assert.deepEqual(reasonToMake(before, { keys: [digestOf('c')], parts: { time: '1' } }), {
    kind: 'changed',
    differences: [{ part: 'time', how: 'added' }],
  })
})
