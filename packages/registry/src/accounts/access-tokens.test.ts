import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqlite } from '@slipway/database'
import { migrations } from '../metadata/schema.ts'
import {
  dropExpiredAccessTokens,
  findAccessToken,
  isAccessToken,
  listAccessTokens,
  makeAccessToken,
  removeAccessToken,
} from './access-tokens.ts'
import { addAccount, addRobot, changePassword } from './records.ts'
import { removeAccount } from './remove.ts'

const openAccounts = async () => {
  const database = await openSqlite(':memory:')
  await database.migrate(migrations)
  await addAccount(database.sql, 'james', 'secret', { cost: { ln: 4, r: 1, p: 1 } })
  return database
}

test('an access token is found by its text, until it is over or removed', async () => {
  await using database = await openAccounts()
  const { sql } = database
  const wanted = { account: 'james', kind: 'access', name: 'ci' } as const
  const { id, text } = await makeAccessToken(sql, wanted)
  assert.ok(isAccessToken(text))
  const found = await findAccessToken(sql, text, 'access')
  assert.deepEqual([found?.id, found?.account, found?.limits], [id, 'james', undefined])
  for (const wrong of [`${text}0`, text.replace(/.$/, (last) => (last === '0' ? '1' : '0')), '', 'slipway_at_']) {
    assert.equal(await findAccessToken(sql, wrong, 'access'), undefined, wrong)
  }
  assert.equal(await findAccessToken(sql, text, 'refresh'), undefined)
  const [listed] = await listAccessTokens(sql, 'james')
  assert.ok(listed?.usedAt)
  assert.equal(JSON.stringify(listed).includes(text.slice(-64)), false)
  await removeAccessToken(sql, 'james', id)
  assert.equal(await findAccessToken(sql, text, 'access'), undefined)
  await assert.rejects(removeAccessToken(sql, 'james', id), { code: 'not-found' })

  const late = await makeAccessToken(sql, { ...wanted, expiresAt: new Date(Date.now() - 1) })
  assert.equal(await findAccessToken(sql, late.text, 'access'), undefined)
  await dropExpiredAccessTokens(sql, new Date())
  assert.deepEqual(await listAccessTokens(sql, 'james'), [])
})

test('tokens go with their account, and refresh tokens with its password', async () => {
  await using database = await openAccounts()
  const { sql } = database
  const access = await makeAccessToken(sql, { account: 'james', kind: 'access', name: 'ci' })
  const refresh = await makeAccessToken(sql, { account: 'james', kind: 'refresh', name: 'docker' })
  assert.ok(await findAccessToken(sql, refresh.text, 'refresh'))
  await changePassword(sql, 'james', 'other')
  assert.equal(await findAccessToken(sql, refresh.text, 'refresh'), undefined)
  assert.ok(await findAccessToken(sql, access.text, 'access'))
  await removeAccount(sql, 'james')
  assert.equal(await findAccessToken(sql, access.text, 'access'), undefined)
  await assert.rejects(makeAccessToken(sql, { account: 'james', kind: 'access', name: 'x' }), { code: 'not-found' })
})

test('a robot has no password that could be changed', async () => {
  await using database = await openAccounts()
  await addRobot(database.sql, 'ci', { pattern: 'team/**', actions: ['pull'] })
  await assert.rejects(changePassword(database.sql, 'ci', 'secret'), { code: 'not-found' })
})
