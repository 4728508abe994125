import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqlite } from '@slipway/database'
import { hash } from 'bcryptjs'
import { migrations } from '../metadata/schema.ts'
import { createPasswordCheck } from './check-password.ts'
import { parseHtpasswd } from './htpasswd.ts'
import { findAccount, importAccount } from './records.ts'

/** As `htpasswd -nbB -C 5 james secret` prints it. */
const fromHtpasswd = '$2y$05$QJfQmf9TYFtfFyJRz4xL9OaJ2zEMVXcQ3Yo8pYtNlJ3oTBbOQ4M0G'

test('parseHtpasswd() reads names and bcrypt hashes, and says which line is none', () => {
  assert.deepEqual(parseHtpasswd(`# users\n\njames:${fromHtpasswd}\r\n`), [{ name: 'james', hash: fromHtpasswd }])
  for (const [text, line] of [
    ['james', 1],
    [`:${fromHtpasswd}`, 1],
    [`james:${fromHtpasswd}\nmary:$apr1$abcdefgh$0123456789012345678901`, 2],
    ['mary:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 1],
    [`mary:${fromHtpasswd.replace('$05$', '$31$')}`, 1],
  ] as const) {
    assert.throws(() => parseHtpasswd(text), { code: 'invalid', message: new RegExp(`^line ${line} `) })
  }
})

test('a password that was imported is right, and kept under our own hash from then on', async () => {
  await using database = await openSqlite(':memory:')
  await database.migrate(migrations)
  const { sql } = database
  const imported = (await hash('secret', 4)).replace('$2b$', '$2y$')
  await importAccount(sql, 'james', imported)
  const check = createPasswordCheck(database)
  const login = { user: 'james', address: 'a' }
  await assert.rejects(check({ ...login, password: 'wrong' }), { code: 'unauthenticated' })
  assert.equal((await findAccount(sql, 'james'))?.password, imported)
  assert.equal((await check({ ...login, password: 'secret' })).identity.name, 'james')
  assert.match((await findAccount(sql, 'james'))?.password ?? '', /^\$scrypt\$/)
  assert.equal((await check({ ...login, password: 'secret' })).identity.name, 'james')
})
