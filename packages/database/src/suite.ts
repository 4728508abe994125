import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '@slipway/core'

const schema = [
  {
    name: 'suite-1',
    statements: ['CREATE TABLE fruit (name TEXT PRIMARY KEY, weight INTEGER NOT NULL, ripe INTEGER)'],
  },
  { name: 'suite-2', statements: ['ALTER TABLE fruit ADD COLUMN picked_at TEXT'] },
]

/** What every Database must do; an implementation's test calls it once. */
export const databaseSuite = (name: string, open: () => Promise<Database>): void => {
  const migrated = async (): Promise<Database> => {
    const database = await open()
    await database.migrate(schema)
    return database
  }

  test(`${name}: values are bound, never pasted into the text`, async () => {
    await using database = await migrated()
    const nasty = `'; DROP TABLE fruit; --`
    await database.sql`INSERT INTO fruit (name, weight, ripe) VALUES (${nasty}, ${3}, ${true})`
    const rows = await database.sql<{ name: string; ripe: number }>`SELECT name, ripe FROM fruit`
    assert.deepEqual({ ...rows[0] }, { name: nasty, ripe: 1 })
  })

  test(`${name}: migrate() applies each migration once, in order`, async () => {
    await using database = await migrated()
    await database.migrate(schema)
    const rows = await database.sql<{ name: string }>`SELECT name FROM migration ORDER BY name`
    assert.deepEqual(
      rows.map((row) => row.name),
      ['suite-1', 'suite-2'],
    )
  })

  test(`${name}: a migration that fails leaves nothing of itself`, async () => {
    await using database = await migrated()
    const bad = { name: 'suite-3', statements: ['CREATE TABLE half (a TEXT)', 'CREATE TABEL nonsense'] }
    await assert.rejects(database.migrate([...schema, bad]))
    await assert.rejects(database.sql`SELECT * FROM half`)
  })

  test(`${name}: a transaction whose body throws changes nothing`, async () => {
    await using database = await migrated()
    const failing = database.transaction(async (sql) => {
      await sql`INSERT INTO fruit (name, weight) VALUES (${'pear'}, ${1})`
      throw new Error('no')
    })
    await assert.rejects(failing, /no/)
    assert.equal((await database.sql`SELECT * FROM fruit`).length, 0)
  })

  test(`${name}: statements from outside wait for an open transaction, and transactions for each other`, async () => {
    await using database = await migrated()
    const seen: string[] = []
    const slow = database.transaction(async (sql) => {
      await sql`INSERT INTO fruit (name, weight) VALUES (${'plum'}, ${1})`
      await new Promise((resolve) => setTimeout(resolve, 20))
      seen.push('first')
    })
    const next = database.transaction(async (sql) => {
      await sql`UPDATE fruit SET weight = weight + ${1} WHERE name = ${'plum'}`
      seen.push('second')
    })
    const rows = await database.sql<{ weight: number }>`SELECT weight FROM fruit`
    await Promise.all([slow, next])
    assert.deepEqual(seen, ['first', 'second'])
    assert.equal(rows[0]?.weight, 2)
  })

  test(`${name}: a violated constraint rejects, and the database goes on`, async () => {
    await using database = await migrated()
    await database.sql`INSERT INTO fruit (name, weight) VALUES (${'fig'}, ${1})`
    await assert.rejects(database.sql`INSERT INTO fruit (name, weight) VALUES (${'fig'}, ${2})`)
    assert.equal((await database.sql`SELECT * FROM fruit`).length, 1)
  })
}
