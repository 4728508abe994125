import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '@slipway/core'

const schema = [
  {
    name: 'suite-1',
    statements: ['CREATE TABLE fruit (name TEXT PRIMARY KEY, weight INTEGER NOT NULL, ripe BOOLEAN)'],
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
    const rows = await database.sql<{ name: string; ripe: number | boolean }>`SELECT name, ripe FROM fruit`
    assert.deepEqual([rows[0]?.name, Boolean(rows[0]?.ripe)], [nasty, true])
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

  test(`${name}: nobody sees the half of a transaction, and two that change one row come one after the other`, async () => {
    await using database = await migrated()
    await database.sql`INSERT INTO fruit (name, weight) VALUES (${'plum'}, ${1})`
    const add = (ms: number) =>
      database.transaction(async (sql) => {
        await sql`UPDATE fruit SET weight = weight + ${1} WHERE name = ${'plum'}`
        await new Promise((resolve) => setTimeout(resolve, ms))
        await sql`UPDATE fruit SET weight = weight + ${1} WHERE name = ${'plum'}`
      })
    const adding = Promise.all([add(20), add(5), add(0)])
    const [seen] = await database.sql<{ weight: number }>`SELECT weight FROM fruit`
    assert.equal((seen?.weight ?? 0) % 2, 1)
    await adding
    const [end] = await database.sql<{ weight: number }>`SELECT weight FROM fruit`
    assert.equal(end?.weight, 7)
  })

  test(`${name}: bytes, large numbers, sums, times and nothing come back as they were put in`, async () => {
    await using database = await open()
    await database.migrate([{ name: 'all', statements: ['CREATE TABLE all_kinds (b BYTEA, n BIGINT, t TEXT)'] }])
    const bytes = Buffer.from([0, 255, 92, 120, 39])
    const when = new Date('2026-02-03T04:05:06.789Z')
    await database.sql`INSERT INTO all_kinds VALUES (${bytes}, ${2 ** 48}, ${when}), (${null}, ${1n}, ${null})`
    const [row] = await database.sql<{ b: Uint8Array; n: number; t: string }>`SELECT * FROM all_kinds WHERE t = ${when}`
    assert.ok(row?.b instanceof Uint8Array && Buffer.compare(row.b, bytes) === 0)
    assert.deepEqual([row.n, row.t], [2 ** 48, '2026-02-03T04:05:06.789Z'])
    const [sum] = await database.sql`SELECT sum(n) AS sum, count(*) AS count, min(n) AS least FROM all_kinds`
    assert.deepEqual({ ...sum }, { sum: 2 ** 48 + 1, count: 2, least: 1 })
  })

  test(`${name}: text sorts by its bytes`, async () => {
    await using database = await migrated()
    const names = ['B', '_', 'a', 'a-b', 'a.b', 'aB', 'a_b', 'ab', 'ä']
    for (const fruit of names.toReversed()) {
      await database.sql`INSERT INTO fruit (name, weight) VALUES (${fruit}, ${1})`
    }
    const rows = await database.sql<{ name: string }>`SELECT name FROM fruit WHERE name > ${'A'} ORDER BY name`
    assert.deepEqual(
      rows.map((row) => row.name),
      names,
    )
  })

  test(`${name}: one that comes second to a locked row takes the next`, async () => {
    await using database = await migrated()
    await database.sql`INSERT INTO fruit (name, weight) VALUES (${'fig'}, ${1}), (${'pear'}, ${2})`
    const take = () =>
      database.transaction(async (sql) => {
        const [row] = await sql<{ name: string }>`
          DELETE FROM fruit WHERE name IN (
            SELECT name FROM fruit ORDER BY weight LIMIT 1 /*postgres: FOR UPDATE SKIP LOCKED*/) RETURNING name`
        await new Promise((resolve) => setTimeout(resolve, 20))
        return row?.name
      })
    assert.deepEqual((await Promise.all([take(), take(), take()])).sort(), ['fig', 'pear', undefined])
  })

  test(`${name}: a violated constraint rejects, and the database goes on`, async () => {
    await using database = await migrated()
    await database.sql`INSERT INTO fruit (name, weight) VALUES (${'fig'}, ${1})`
    await assert.rejects(database.sql`INSERT INTO fruit (name, weight) VALUES (${'fig'}, ${2})`)
    assert.equal((await database.sql`SELECT * FROM fruit`).length, 1)
  })
}
