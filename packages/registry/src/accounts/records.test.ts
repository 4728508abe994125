import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqlite } from '@slipway/database'
import { migrations } from '../metadata/schema.ts'
import { addAccount, changePassword, listAccounts } from './records.ts'
import { removeAccount } from './remove.ts'

const cheap = { ln: 4, r: 1, p: 1 }

test('an account has a name that fits a Basic header, and a password', async () => {
  await using database = await openSqlite(':memory:')
  await database.migrate(migrations)
  for (const name of ['', 'a:b', '-a', 'a b', 'a\n', 'ä', 'a'.repeat(65)]) {
    await assert.rejects(addAccount(database.sql, name, 'secret', { cost: cheap }), /invalid account name/, name)
  }
  await assert.rejects(addAccount(database.sql, 'james', '', { cost: cheap }), /the password is empty/)
  await assert.rejects(addAccount(database.sql, 'james', 'x'.repeat(2000), { cost: cheap }), /longer than/)
  await addAccount(database.sql, 'james', 'secret', { cost: cheap })
  await assert.rejects(addAccount(database.sql, 'james', 'other', { cost: cheap }), { code: 'already-exists' })
  assert.deepEqual(
    (await listAccounts(database.sql)).map(({ name }) => name),
    ['james'],
  )
})

test('an account that is not there can be neither changed nor removed', async () => {
  await using database = await openSqlite(':memory:')
  await database.migrate(migrations)
  await assert.rejects(removeAccount(database.sql, 'james'), { code: 'not-found' })
  await assert.rejects(changePassword(database.sql, 'james', ''), { code: 'invalid' })
})
