import assert from 'node:assert/strict'
import { copyFile, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { type Database, hasCode } from '@slipway/core'
import { openSqlite } from './sqlite.ts'

const openNotes = async (t: TestContext): Promise<{ readonly path: string; readonly database: Database }> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-wal-'))
  const path = join(directory, 'a.db')
  const database = await openSqlite(path, { synchronous: 'full' })
  t.after(async () => {
    await database[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })
  await database.sql`CREATE TABLE note (body TEXT)`
  return { path, database }
}

const write = (database: Database, body: string) => database.sql`INSERT INTO note VALUES (${body})`

/** The next sync of a log's data fails, as the kernel tells it: once. */
const failNextSync = async (t: TestContext, path: string): Promise<void> => {
  const file = await open(path)
  const prototype = Object.getPrototypeOf(file)
  await file.close()
  const failing = t.mock.method(prototype, 'datasync', () => {
    failing.mock.restore()
    return Promise.reject(new Error('EIO: i/o error, fdatasync'))
  })
}

/** What would be there if the log were lost. */
const withoutLog = async (path: string): Promise<readonly unknown[]> => {
  await copyFile(path, `${path}.alone`)
  using alone = new DatabaseSync(`${path}.alone`)
  return alone
    .prepare('SELECT body FROM note')
    .all()
    .map((row) => row['body'])
}

const isRefused = (error: unknown) => hasCode(error, 'unavailable') && error.detail['retryAfterSeconds'] === 60

test('after a sync that failed nothing is promised before what was in the log is in the database', async (t) => {
  const { path, database } = await openNotes(t)
  await write(database, 'kept')
  await failNextSync(t, path)
  await assert.rejects(write(database, 'failed'), isRefused)
  await write(database, 'later')
  const found = await withoutLog(path)
  assert.deepEqual(found, ['kept', 'failed'])
})

test('while the log can’t be taken in, writes are refused and change nothing, and reading goes on', async (t) => {
  const { path, database } = await openNotes(t)
  await write(database, 'kept')
  using reader = new DatabaseSync(path)
  reader.exec('BEGIN')
  reader.prepare('SELECT * FROM note').all()
  await failNextSync(t, path)
  await assert.rejects(write(database, 'failed'), isRefused)
  await assert.rejects(write(database, 'refused'), isRefused)
  await assert.rejects(
    database.transaction((sql) => sql`INSERT INTO note VALUES (${'refused too'})`),
    isRefused,
  )
  const seen = await database.sql<{ body: string }>`SELECT body FROM note`
  assert.deepEqual(
    seen.map(({ body }) => body),
    ['kept', 'failed'],
  )
  reader.exec('COMMIT')
  await Promise.all([write(database, 'one'), write(database, 'other')])
  assert.deepEqual(await withoutLog(path), ['kept', 'failed'])
})

test('the log is taken in beside those who write, and begins anew though they never stop', async (t) => {
  const { path, database } = await openNotes(t)
  using looking = new DatabaseSync(path)
  const asking = looking.prepare('PRAGMA wal_checkpoint(NOOP)')
  const pages = (): number => (asking.get() as { log: number }).log
  const page = 'x'.repeat(4000)
  let longest = 0
  let isAnew = false
  const writing = async (): Promise<void> => {
    while (!isAnew) {
      await database.transaction(async (sql) => {
        for (let each = 0; each < 100; each += 1) await sql`INSERT INTO note VALUES (${page})`
      })
      isAnew ||= pages() < longest
      longest = Math.max(longest, pages())
    }
  }
  await Promise.all([writing(), writing(), writing()])
  assert.ok(longest >= 1000, `the log was taken in at ${longest} pages`)
})
