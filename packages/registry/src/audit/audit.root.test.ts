import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PostgresServer } from '@slipway/database/testing'
import { openRegistryDatabase } from '../places.ts'
import { basic, makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { newEventId, type RecordedEvent, recordEvents } from './events.ts'
import { allEvents, findEvents, parseFilter } from './find-events.ts'
import { auditFormats, writeEvents } from './formats.ts'

interface Answer {
  readonly events: readonly RecordedEvent[]
  readonly next: string | null
}

const read = async (registry: TestRegistry, query: string): Promise<Answer> => {
  const headers = { Authorization: basic('root', 'secret') }
  return (await (await registry.call('GET', `/api/v1/audit${query}`, { headers })).json()) as Answer
}

/** Of yesterday: what is much older is forgotten. */
const beginning = Date.now() - 24 * 60 * 60 * 1000
const minute = (at: number): Date => new Date(beginning + at * 60_000)

/** One a minute: by turns of ann and ben, a push and a deletion, in team/app and team_app. */
const eventAt = (at: number): RecordedEvent => ({
  id: newEventId(minute(at)),
  at: minute(at).toISOString(),
  account: at % 2 === 0 ? 'ann' : 'ben',
  address: `10.0.0.${at % 5}`,
  action: at % 3 === 0 ? 'tag.delete' : 'manifest.push',
  repository: at % 2 === 0 ? 'team/app' : 'team_/app',
  subject: `v${at}`,
  detail: null,
  requestId: 'request',
})

const findsWhatWasAskedFor = async (registry: TestRegistry): Promise<void> => {
  await using database = await openRegistryDatabase(registry.places)
  const { sql } = database
  const events = Array.from({ length: 120 }, (_, at) => eventAt(at))
  await database.transaction((inside) => recordEvents(inside, events))
  const newestFirst = events.toReversed()
  const find = async (filter: Record<string, string>): Promise<readonly (string | null)[]> => {
    const parsed = parseFilter((name) => filter[name])
    const found = await findEvents(sql, { filter: parsed, before: '', limit: 1000 })
    return found.map(({ subject }) => subject)
  }
  const those = (keep: (event: RecordedEvent, at: number) => boolean): readonly (string | null)[] =>
    newestFirst.filter((event, at) => keep(event, 119 - at)).map(({ subject }) => subject)

  assert.deepEqual(
    await find({}),
    those(() => true),
  )
  assert.deepEqual(
    await find({ repository: 'team/**' }),
    those((_, at) => at % 2 === 0),
  )
  assert.deepEqual(
    await find({ repository: '**', account: 'ben' }),
    those((_, at) => at % 2 === 1),
  )
  assert.deepEqual(
    await find({ action: 'tag.*', account: 'ann' }),
    those((_, at) => at % 6 === 0),
  )
  assert.deepEqual(
    await find({ action: 'manifest.push', address: '10.0.0.1' }),
    those((_, at) => at % 3 > 0 && at % 5 === 1),
  )
  assert.deepEqual(await find({ subject: 'v7' }), ['v7'])
  const [since, until] = [minute(10).toISOString(), minute(12).toISOString()]
  assert.deepEqual(await find({ since, until }), ['v11', 'v10'])
  assert.deepEqual(await find({ since: '1h' }), [])
  assert.deepEqual(await find({ account: '%', repository: 'none' }), [])

  const page = await findEvents(sql, { filter: {}, before: newestFirst[9]?.id ?? '', limit: 2 })
  assert.deepEqual(
    page.map((event) => ({ ...event })),
    newestFirst.slice(10, 12),
  )
  const ofAnn = await Array.fromAsync(allEvents(sql, { account: 'ann' }))
  assert.equal(ofAnn.length, 60)
  assert.ok(ofAnn.every(({ account }) => account === 'ann'))
}

test('events are found by what was asked for, over SQLite and PostgreSQL', async () => {
  await using registry = await startTestRegistry()
  await findsWhatWasAskedFor(registry)
  await using server = await PostgresServer.start()
  await using postgres = await startTestRegistry({ database: await server.createDatabase() })
  await findsWhatWasAskedFor(postgres)
})

test('a filter that means nothing is refused', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'root')
  const headers = { Authorization: basic('root', 'secret') }
  for (const query of ['since=yesterday', 'until=2026-99-01', 'action=Tag', 'repository=a//b', 'n=many']) {
    assert.equal((await registry.call('GET', `/api/v1/audit?${query}`, { headers })).status, 400, query)
  }
  assert.equal((await registry.call('GET', '/api/v1/audit/export?format=xls', { headers })).status, 400)
  assert.equal((await registry.call('GET', '/api/v1/audit/export')).status, 401)
})

test('the audit is exported as JSON lines and as CSV, which no spreadsheet takes for formulas', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'root')
  await pushImage(registry, 'team/app', 'v1', { headers: { Authorization: basic('root', 'secret') } })
  await registry.call('GET', '/v2/', { headers: { Authorization: basic('=1+"1",2', 'wrong') } })
  const { events, next } = await read(registry, '')
  assert.deepEqual([events.length, next], [2, null])
  const fetched = async (format: string) => {
    const headers = { Authorization: basic('root', 'secret') }
    const response = await registry.call('GET', `/api/v1/audit/export?format=${format}`, { headers })
    return { text: await response.text(), file: response.headers.get('content-disposition') }
  }
  const lines = await fetched('jsonl')
  assert.equal(lines.file, 'attachment; filename="audit.jsonl"')
  assert.deepEqual(
    lines.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    events,
  )
  const [head, failed, pushed, end] = (await fetched('csv')).text.split('\r\n')
  assert.equal(head, 'at,account,address,action,repository,subject,detail,requestId,id')
  assert.ok(failed?.includes(`,,127.0.0.1,login.failed,,"'=1+""1"",2",,`), failed)
  assert.ok(pushed?.includes(',root,127.0.0.1,manifest.push,team/app,v1,,'), pushed)
  assert.equal(end, '')
})

test('an export of many events comes in pieces', async () => {
  const events = Array.from({ length: 2000 }, (_, at) => eventAt(at))
  const pieces = await Array.fromAsync(writeEvents(Array.prototype.values.call(events) as never, auditFormats.csv))
  assert.ok(pieces.length > 2)
  assert.equal(pieces.join('').split('\r\n').length, 2002)
})

test('pulls are in the audit where the settings say so, and only then', async () => {
  await using registry = await startTestRegistry({ settings: { auditPulls: true } })
  const root = await makeAccount(registry, 'root')
  const { digest } = await pushImage(registry, 'team/app', 'v1', { headers: { Authorization: root } })
  const pull = async (): Promise<void> => {
    await registry.call('GET', '/v2/team/app/manifests/v1', { headers: { Authorization: root } })
    await registry.call('GET', `/v2/team/app/manifests/${digest}`)
    // To look is no pull, nor is what isn't there.
    await registry.call('HEAD', '/v2/team/app/manifests/v1')
    await registry.call('GET', '/v2/team/app/manifests/v2')
  }
  const pulls = async () =>
    (await read(registry, '?action=manifest.pull')).events
      .map(({ account, subject, detail }) => [account, subject, detail])
      .sort()
  const expected = [
    [null, digest, digest],
    ['root', 'v1', digest],
  ].sort()
  await pull()
  assert.deepEqual(await pulls(), expected)
  await registry.restart({ settings: { auditPulls: false } })
  await pull()
  assert.deepEqual(await pulls(), expected)
})

test('what managers do to accounts, grants, tokens and webhooks is in the audit, without secrets', async () => {
  await using registry = await startTestRegistry()
  const root = await makeAccount(registry, 'root')
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { Authorization: root, 'Content-Type': 'application/json' }
    const response = await registry.call(method, path, { headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    assert.ok(response.ok, `${method} ${path}: ${response.status}`)
    return response.status === 201 && response.headers.get('content-length') !== '0' ? response.json() : undefined
  }
  await call('POST', '/api/v1/accounts', {
    name: 'ann',
    password: 'hidden violet moss',
    pattern: 'team/**',
    actions: 'pull',
  })
  await call('PUT', '/api/v1/accounts/ann/grants', { pattern: 'team/**', actions: 'pull,push' })
  await call('DELETE', '/api/v1/accounts/ann/grants?pattern=team/**')
  await call('DELETE', '/api/v1/accounts/ann')
  const { id } = (await call('POST', '/api/v1/tokens', { name: 'ci', limits: 'team/**:pull' })) as { id: string }
  await call('DELETE', `/api/v1/tokens/${id}`)
  const hook = (await call('POST', '/api/v1/webhooks', { url: 'https://example.org/hidden' })) as { id: string }
  await call('DELETE', `/api/v1/webhooks/${hook.id}`)
  await call('POST', '/api/v1/gc/run')
  await call('PUT', '/api/v1/password', { old: 'secret', new: 'hidden violet moss' })
  const answer = await registry.call('GET', '/api/v1/audit', {
    headers: { Authorization: basic('root', 'hidden violet moss') },
  })
  const { events } = (await answer.json()) as Answer
  assert.ok(events.every(({ account }) => account === 'root'))
  assert.doesNotMatch(JSON.stringify(events), /hidden/)
  assert.deepEqual(events.map(({ action, subject, detail }) => [action, subject, detail]).toReversed(), [
    ['account.add', 'ann', 'team/**:pull'],
    ['account.grant', 'ann', 'team/**:pull,push'],
    ['account.revoke', 'ann', 'team/**'],
    ['account.remove', 'ann', null],
    ['token.make', id, 'team/**:pull'],
    ['token.remove', id, null],
    ['webhook.add', hook.id, '**'],
    ['webhook.remove', hook.id, null],
    ['gc.run', null, null],
    ['password.change', 'root', null],
  ])
})
