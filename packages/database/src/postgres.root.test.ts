import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hasCode } from '@slipway/core'
import { openPostgres } from './postgres.ts'
import { databaseSuite } from './suite.ts'
import { PostgresServer } from './testing/postgres-server.ts'

describe('postgres', () => {
  let server: PostgresServer
  before(async () => {
    server = await PostgresServer.start()
  })
  after(() => server[Symbol.asyncDispose]())

  databaseSuite('postgres', async () => openPostgres(await server.createDatabase()))

  test('two that begin at once migrate once', async () => {
    const url = await server.createDatabase()
    await using one = await openPostgres(url)
    await using other = await openPostgres(url)
    const schema = [{ name: 'first', statements: ['CREATE TABLE once (a TEXT)'] }]
    await Promise.all([one.migrate(schema), other.migrate(schema), one.migrate(schema)])
    assert.equal((await other.sql`SELECT 1 FROM migration`).length, 1)
  })

  test('transactions that wait for one another are run again', async () => {
    await using database = await openPostgres(await server.createDatabase())
    await database.migrate([{ name: 'first', statements: ['CREATE TABLE pair (name TEXT PRIMARY KEY, n BIGINT)'] }])
    await database.sql`INSERT INTO pair VALUES (${'a'}, ${0}), (${'b'}, ${0})`
    const both = Promise.withResolvers<void>()
    let inside = 0
    const add = (names: readonly string[]) =>
      database.transaction(async (sql) => {
        for (const name of names) {
          await sql`UPDATE pair SET n = n + 1 WHERE name = ${name}`
          inside += 1
          if (inside === 2) both.resolve()
          await both.promise
        }
      })
    await Promise.all([add(['a', 'b']), add(['b', 'a'])])
    const rows = await database.sql<{ n: number }>`SELECT n FROM pair`
    assert.deepEqual(
      rows.map(({ n }) => n),
      [2, 2],
    )
  })

  test('whoever waits behind others is not told that the database is away', async () => {
    await using database = await openPostgres(await server.createDatabase(), { connections: 1, connectTimeoutMs: 300 })
    // The one connection is there by then, however long that takes.
    while (
      !(await database.sql`SELECT 1`.then(
        () => true,
        () => false,
      ))
    ) {}
    const [slow, ...others] = [1, 2, 3].map(() => database.sql`SELECT 1 FROM pg_sleep(0.5)`)
    assert.equal((await Promise.all([slow, ...others])).length, 3)
  })

  test('while the server is away it is unavailable; it is used again when it is back', async () => {
    await using database = await openPostgres(await server.createDatabase())
    await database.migrate([{ name: 'first', statements: ['CREATE TABLE note (body TEXT)'] }])
    await database.sql`INSERT INTO note VALUES (${'kept'})`
    const hanging = database.transaction(async (sql) => {
      await sql`INSERT INTO note VALUES (${'lost'})`
      await server.stop('SIGQUIT')
      await sql`INSERT INTO note VALUES (${'lost too'})`
    })
    await assert.rejects(hanging, (error) => hasCode(error, 'unavailable'))
    await assert.rejects(database.sql`SELECT 1`, (error) => {
      return hasCode(error, 'unavailable') && error.detail['retryAfterSeconds'] === 5
    })
    await server.run()
    const rows = await database.sql<{ body: string }>`SELECT body FROM note`
    assert.deepEqual(
      rows.map(({ body }) => body),
      ['kept'],
    )
  })
})
