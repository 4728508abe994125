import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FeedEvent } from '@slipway/client'
import * as sdk from '@slipway/client/hub/client'
import { PostgresServer } from '@slipway/database/testing'
import { openRegistryDatabase } from '../places.ts'
import { makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'

const hubOf = (registry: TestRegistry, username?: string): sdk.HubClient =>
  new sdk.HubClient({ url: registry.url, ...(username ? { credentials: { username, password: 'secret' } } : {}) })

/** The first events that come, until `isEnough`; `begun` when the watching has begun. */
const watched = async (
  hub: sdk.HubClient,
  query: Parameters<typeof sdk.watchFeed>[1],
  isEnough: (events: readonly FeedEvent[]) => boolean,
): Promise<readonly FeedEvent[]> => {
  const stop = new AbortController()
  const events: FeedEvent[] = []
  for await (const event of sdk.watchFeed(hub, { ...query, signal: stop.signal })) {
    events.push(event)
    if (isEnough(events)) break
  }
  stop.abort()
  return events
}

const told = (events: readonly FeedEvent[]): readonly string[] =>
  events.map(({ kind, repository, reference, account }) => `${kind} ${repository}:${reference} ${account ?? '-'}`)

test('who watches sees pushes, pulls and deletes of what they may read, and nothing else', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  const headers = { authorization }
  await pushImage(registry, 'open/app', 'v1', { headers })
  await pushImage(registry, 'hidden/app', 'v1', { headers })
  await registry.call('PUT', '/api/v1/repositories/hidden/app/-/visibility', {
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"visibility":"private"}',
  })
  const [ada, nobody] = [hubOf(registry, 'ada'), hubOf(registry)]
  const isLast = (events: readonly FeedEvent[]): boolean => events.at(-1)?.reference === 'end'
  const seen = [ada, nobody].map((hub) => watched(hub, { after: 0 }, isLast))
  const ofOne = watched(ada, { after: 0, repository: 'hidden/app' }, ({ length }) => length === 2)
  await registry.call('GET', '/v2/hidden/app/manifests/v1', { headers })
  await registry.call('GET', '/v2/open/app/manifests/v1')
  await registry.call('DELETE', '/api/v1/repositories/open/app/-/tags/v1', { headers })
  await pushImage(registry, 'hidden/app', 'v2', { headers, layer: 'newer' })
  // Pulls are written a moment later.
  const pulls = async () => (await Array.fromAsync(sdk.listFeed(ada))).filter(({ kind }) => kind === 'pull')
  while ((await pulls()).length < 2) await sleep(50)
  await pushImage(registry, 'open/app', 'end', { headers })
  const [byAda = [], byNobody = []] = await Promise.all(seen)
  const all = [
    'push open/app:v1 ada',
    'push hidden/app:v1 ada',
    'delete open/app:v1 ada',
    'push hidden/app:v2 ada',
    'pull hidden/app:v1 -',
    'pull open/app:v1 -',
    'push open/app:end ada',
  ]
  assert.deepEqual(told(byAda).toSorted(), all.toSorted())
  assert.deepEqual(told(byNobody).toSorted(), all.filter((line) => line.includes('open/')).toSorted())
  assert.ok((await ofOne).every(({ repository }) => repository === 'hidden/app'))
  const page = await Array.fromAsync(sdk.listFeed(nobody))
  assert.deepEqual(told(page), told(byNobody).toReversed())
  await Promise.all([ada, nobody].map((hub) => hub[Symbol.asyncDispose]()))
})

test('what comes after a repository’s page was read is seen by who goes on where it says', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'team/app', 'v1')
  await using nobody = hubOf(registry)
  const page = await sdk.readRepository(nobody, 'team/app')
  await pushImage(registry, 'team/app', 'v2', { layer: 'newer' })
  const events = await watched(nobody, { after: page.last, repository: 'team/app' }, () => true)
  assert.deepEqual([page.tags, told(events)], [1, ['push team/app:v2 -']])
})

const pushesAtOnce = 4
const pushesEach = 5

/** Pushes to all of `registries` at once while one watches another's feed over connections that break all the time. */
const missesNothing = async (watchedOne: TestRegistry, registries: readonly TestRegistry[]): Promise<void> => {
  const pushing = Promise.all(
    Array.from({ length: pushesAtOnce }, async (_, worker) => {
      for (let at = 0; at < pushesEach; at++) {
        const registry = registries[(worker + at) % registries.length]
        if (registry) await pushImage(registry, `team/app${worker}`, `v${at}`)
      }
    }),
  )
  await using hub = hubOf(watchedOne)
  const seen: number[] = []
  const tags: string[] = []
  for (let last = '0'; tags.length < pushesAtOnce * pushesEach; ) {
    let text = ''
    try {
      const headers = { 'last-event-id': last }
      const response = await hub.request({ path: '/feed/live', headers, signal: AbortSignal.timeout(200) })
      for await (const bytes of response) text += String(bytes)
    } catch {
      // Broken off, as it was meant to be.
    }
    for (const block of text.split('\n\n').slice(0, -1)) {
      last = /^id: (\d+)$/m.exec(block)?.[1] ?? last
      const data = /^data: (.*)$/m.exec(block)?.[1]
      assert.doesNotMatch(block, /event: gap/)
      if (data === undefined) continue
      const event = JSON.parse(data) as FeedEvent
      seen.push(event.seq)
      tags.push(`${event.repository}:${event.reference}`)
    }
  }
  await pushing
  assert.equal(new Set(tags).size, pushesAtOnce * pushesEach)
  assert.deepEqual(
    seen,
    [...new Set(seen)].toSorted((one, other) => one - other),
  )
}

test('a connection that is lost again and again misses nothing and sees nothing twice', async () => {
  await using registry = await startTestRegistry()
  await missesNothing(registry, [registry])
})

test('the same where two processes share a PostgreSQL, and pushes come to both', async () => {
  await using server = await PostgresServer.start()
  const database = await server.createDatabase()
  await using one = await startTestRegistry({ database })
  await using other = await startTestRegistry({ database })
  await missesNothing(one, [one, other])
})

test('what was forgotten meanwhile is said to be', async () => {
  await using registry = await startTestRegistry()
  for (const tag of ['v1', 'v2', 'v3']) await pushImage(registry, 'app', tag, { layer: tag })
  assert.equal((await registry.call('GET', '/api/v1/feed')).status, 200)
  {
    await using database = await openRegistryDatabase(registry.places)
    await database.sql`DELETE FROM feed_event WHERE seq < ${3}`
  }
  const stop = new AbortController()
  const response = await registry.call('GET', '/api/v1/feed/live?after=1', { signal: stop.signal })
  let text = ''
  for await (const bytes of response.body ?? []) {
    text += Buffer.from(bytes).toString()
    if (text.includes('event: push')) break
  }
  stop.abort()
  assert.match(text, /id: 2\nevent: gap\ndata: \{\}\n\nid: 3\nevent: push\n/)
})

test('a registry that stops waits for nobody who watches', async () => {
  await using registry = await startTestRegistry()
  const response = await registry.call('GET', '/api/v1/feed/live')
  const end = response.text()
  await registry.restart()
  assert.match(await end, /^retry: 1000\n\n/)
})
