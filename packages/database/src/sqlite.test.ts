import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { hasCode } from '@slipway/core'
import { openSqlite } from './sqlite.ts'
import { isFull } from './sqlite-error.ts'
import { databaseSuite } from './suite.ts'

databaseSuite('sqlite in memory', () => openSqlite(':memory:'))

const scratch = await mkdtemp(join(tmpdir(), 'swt-sqlite-'))
after(() => rm(scratch, { recursive: true }))
let made = 0
databaseSuite('sqlite on the disk', () => openSqlite(join(scratch, `${made++}.db`), { synchronous: 'full' }))

test('openSqlite() finds again what an earlier process committed', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-sqlite-'))
  t.after(() => rm(directory, { recursive: true }))
  const path = join(directory, 'a.db')
  {
    await using database = await openSqlite(path, { synchronous: 'full' })
    await database.sql`CREATE TABLE note (body TEXT)`
    await database.transaction((sql) => sql`INSERT INTO note VALUES (${'kept'})`)
  }
  await using again = await openSqlite(path)
  const rows = await again.sql<{ body: string }>`SELECT body FROM note`
  assert.equal(rows[0]?.body, 'kept')
})

test('openSqlite(): statements from outside wait for an open transaction', async () => {
  await using database = await openSqlite(':memory:')
  await database.sql`CREATE TABLE note (body TEXT)`
  const writing = database.transaction(async (sql) => {
    await sql`INSERT INTO note VALUES (${'first'})`
    await new Promise((resolve) => setTimeout(resolve, 20))
    await sql`INSERT INTO note VALUES (${'second'})`
  })
  assert.equal((await database.sql`SELECT * FROM note`).length, 2)
  await writing
})

test('openSqlite(): what is not the statement’s fault is unavailable, with the time to come back', async () => {
  await using database = await openSqlite(':memory:')
  await database.sql`CREATE TABLE note (body TEXT)`
  const write = () => database.transaction((sql) => sql`INSERT INTO note VALUES (${'x'.repeat(100_000)})`)
  const isUnavailable = (seconds: number) => (error: unknown) =>
    hasCode(error, 'unavailable') && error.detail['retryAfterSeconds'] === seconds
  await database.sql`PRAGMA query_only = 1`
  await assert.rejects(write, isUnavailable(60))
  await database.sql`PRAGMA query_only = 0`
  await database.sql`PRAGMA max_page_count = 3`
  await assert.rejects(write, (error) => isUnavailable(60)(error) && isFull(error))
  await database.sql`PRAGMA max_page_count = 1000`
  await write()
  await assert.rejects(
    database.sql`INSERT INTO nothing VALUES (1)`,
    (error) => !hasCode(error, 'unavailable') && !isFull(error),
  )
})
