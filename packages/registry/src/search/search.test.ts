import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeRepository } from '../metadata/repositories.ts'
import { openRegistryDatabase } from '../places.ts'
import { errorCode, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import type { SearchResult } from './query.ts'

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
