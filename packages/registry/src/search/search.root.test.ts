import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '@slipway/core'
import { PostgresServer } from '@slipway/database/testing'
import { giveGrant } from '../accounts/grants.ts'
import { addAccount } from '../accounts/records.ts'
import { describeRepository } from '../metadata/repositories.ts'
import { openRegistryDatabase } from '../places.ts'
import { errorCode, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { type SearchResult, searchRepositories } from './query.ts'

interface SearchAnswer {
  readonly num_results: number
  readonly num_pages: number
  readonly results: readonly SearchResult[]
}

const search = async (registry: TestRegistry, query: string): Promise<SearchAnswer> => {
  const response = await registry.call('GET', `/v1/search?${query}`)
  assert.equal(response.status, 200)
  return (await response.json()) as SearchAnswer
}

const labelled = (description: string) => ({
  config: { os: 'linux', config: { Labels: { 'org.opencontainers.image.description': description } } },
})

test('search finds repositories by name and by description, in docker’s form', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/web', 'v1', labelled('Serves  pages\nwith Nginx'))
  await pushImage(registry, 'library/nginx', 'latest')
  await pushImage(registry, 'other', 'v1')
  const found = await search(registry, 'q=nginx&n=25')
  assert.deepEqual(
    found.results.map(({ name }) => name),
    ['library/nginx', 'user/web'],
  )
  assert.deepEqual(found.results[1], {
    name: 'user/web',
    description: 'Serves pages with Nginx',
    star_count: 0,
    is_official: false,
    is_automated: false,
    is_trusted: false,
  })
})

test('stars and official repositories come first', async () => {
  await using registry = await startTestRegistry()
  for (const name of ['a', 'b', 'c']) await pushImage(registry, name, 'v1')
  await using database = await openRegistryDatabase(registry.places)
  await database.sql`UPDATE repository SET stars = ${7} WHERE name = ${'b'}`
  await database.sql`UPDATE repository SET official = ${true} WHERE name = ${'c'}`
  const { results } = await search(registry, 'q=')
  assert.deepEqual(
    results.map(({ name, star_count, is_official }) => [name, star_count, is_official]),
    [
      ['c', 0, true],
      ['b', 7, false],
      ['a', 0, false],
    ],
  )
})

test('search comes in pages of 1 to 100', async () => {
  await using registry = await startTestRegistry()
  for (const name of ['x1', 'x2', 'x3']) await pushImage(registry, name, 'v1')
  const second = await search(registry, 'q=x&n=2&page=2')
  assert.deepEqual([second.num_results, second.num_pages, second.results.length], [3, 2, 1])
  for (const n of ['0', '101', 'x', '-1']) {
    const response = await registry.call('GET', `/v1/search?q=x&n=${n}`)
    assert.equal(await errorCode(response), 'PAGINATION_NUMBER_INVALID')
  }
})

test('what a person types is text, not a pattern', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'plain', 'v1')
  await pushImage(registry, 'under_score', 'v1')
  for (const text of ['%', "'; DROP TABLE repository; --", '\\']) {
    assert.equal((await search(registry, `q=${encodeURIComponent(text)}`)).num_results, 0, text)
  }
  assert.equal((await search(registry, 'q=_')).num_results, 1)
})

test('a description that was set stays when an image brings another', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'web', 'v1')
  await using database = await openRegistryDatabase(registry.places)
  await describeRepository(database.sql, 'web', 'set by hand')
  await pushImage(registry, 'web', 'v2', labelled('from the image'))
  assert.equal((await search(registry, 'q=web')).results[0]?.description, 'set by hand')
})

test('GET /v1/_ping says that this registry stands alone', async () => {
  await using registry = await startTestRegistry()
  const response = await registry.call('GET', '/v1/_ping')
  assert.equal(response.headers.get('x-docker-registry-standalone'), 'true')
})

const fill = async (database: Database): Promise<void> => {
  const at = new Date()
  await database.transaction(async (sql) => {
    for (let number = 0; number < 2600; number++) {
      const name = `team${number % 7}/${number % 2 === 0 ? 'even' : 'odd'}-${number}`
      await sql`
        INSERT INTO repository (id, name, description, stars, official, visibility, created_at)
        VALUES (${number + 1}, ${name}, ${`Kept by team ${number % 7}: 100% "it's" Größe_${number}`}, ${number % 11},
          ${number % 400 === 0}, ${number % 5 === 0 ? 'private' : null}, ${at})`
      if (number % 13 === 0) continue
      await sql`
        INSERT INTO manifest (repository_id, digest, media_type, payload, size, total_size, pushed_at)
        VALUES (${number + 1}, ${`sha256:${number}`}, ${'x'}, ${Buffer.from('{}')}, ${2}, ${2}, ${at})`
    }
  })
  await giveGrant(database.sql, 'ann', { pattern: 'team3/**', actions: ['pull'] })
  await database.sql`ANALYZE`
}

/** What search must find, by a plain look at all. */
const plainly = async (database: Database, text: string): Promise<readonly string[]> => {
  const rows = await database.sql<{ name: string; description: string; visibility: string | null }>`
    SELECT name, description, visibility FROM repository
    WHERE EXISTS (SELECT 1 FROM manifest WHERE repository_id = repository.id)
    ORDER BY official DESC, stars DESC, name`
  const wanted = text.toLowerCase()
  return rows
    .filter(({ name, visibility }) => visibility === null || name.startsWith('team3/'))
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
    .map(({ name }) => name)
}

const findsTheSame = async (database: Database): Promise<void> => {
  await addAccount(database.sql, 'ann', 'secret', {
    cost: { ln: 4, r: 1, p: 1 },
    grant: { pattern: 'nothing', actions: ['pull'] },
  })
  await fill(database)
  const readable = { account: 'ann', all: false, fallback: 'public' } as const
  // Of many, of few, of none; shorter than the index knows; and what is a sign to LIKE, to MATCH or to quotes.
  for (const text of [
    '',
    'even',
    'kept by',
    'EVEN-2',
    'team3/odd',
    '-1234',
    'zzz',
    'o',
    'ß',
    'öß',
    '99',
    's"',
    ' t',
    'K',
    '_2',
    'zq',
    '%',
    '0%',
    '_12',
    '"it\'s"',
    "it's",
    'a"b',
    '*',
    'NOT',
    '\\',
  ]) {
    const expected = await plainly(database, text)
    for (const page of [1, 2]) {
      const { total, results } = await searchRepositories(database, { text, size: 25, page, readable })
      assert.deepEqual(
        results.map(({ name }) => name),
        expected.slice((page - 1) * 25, page * 25),
        `${text} ${page}`,
      )
      assert.equal(total, Math.min(1000, expected.length), text)
    }
  }
  await database.sql`UPDATE repository SET description = ${'quite another text'} WHERE name = ${'team1/odd-1'}`
  await database.sql`DELETE FROM repository WHERE name = ${'team3/odd-3'}`
  const names = async (text: string): Promise<readonly string[]> =>
    (await searchRepositories(database, { text, size: 5, page: 1, readable })).results.map(({ name }) => name)
  assert.deepEqual(await names('another text'), ['team1/odd-1'])
  assert.deepEqual(await names('team3/odd-3 '), [])
}

test('search finds among many what a plain look finds, in the same order, over SQLite and PostgreSQL', async () => {
  await using registry = await startTestRegistry()
  await using sqlite = await openRegistryDatabase(registry.places)
  await findsTheSame(sqlite)
  await using server = await PostgresServer.start()
  await using postgres = await openRegistryDatabase({ ...registry.places, database: await server.createDatabase() })
  await findsTheSame(postgres)
})
