import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqlite } from '@slipway/database'
import { migrations } from '../metadata/schema.ts'
import { createPasswordCheck } from './check-password.ts'
import { addAccount } from './records.ts'

const cheap = { ln: 4, r: 1, p: 1 }

test('a hundred guesses at once are not more than ten', async () => {
  await using database = await openSqlite(':memory:')
  await database.migrate(migrations)
  await addAccount(database.sql, 'james', 'secret', { cost: cheap })
  const check = createPasswordCheck(database)
  const guesses = Array.from({ length: 100 }, (_, n) => check({ user: 'james', password: `guess ${n}`, address: 'a' }))
  const outcomes = await Promise.allSettled(guesses)
  const codes = outcomes.map((one) => (one.status === 'rejected' ? one.reason.code : 'right'))
  assert.equal(codes.filter((code) => code === 'unauthenticated').length, 10)
  assert.equal(codes.filter((code) => code === 'rate-limited').length, 90)
})

test('a hundred requests at once with the right password are all let in', async () => {
  await using database = await openSqlite(':memory:')
  await database.migrate(migrations)
  await addAccount(database.sql, 'james', 'secret', { cost: cheap })
  const check = createPasswordCheck(database)
  const login = { user: 'james', password: 'secret', address: 'a' }
  const found = await Promise.all(Array.from({ length: 100 }, () => check(login)))
  assert.equal(
    found.every(({ identity }) => identity.name === 'james'),
    true,
  )
  await assert.rejects(check({ ...login, password: 'wrong' }), { code: 'unauthenticated' })
  await assert.doesNotReject(check(login))
})
