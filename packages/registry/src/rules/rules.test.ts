import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaTypes } from '@slipway/core'
import { openRegistryDatabase } from '../places.ts'
import {
  errorCode,
  makeAccount,
  makeImage,
  pushImage,
  putManifest,
  startTestRegistry,
  type TestRegistry,
} from '../testing.ts'
import { planRetention } from './plan.ts'

const json = { 'content-type': 'application/json' }

/** A registry without accounts, with a project, where everyone may do everything. */
const furnish = async (registry: TestRegistry) => {
  const ask = (method: string, path: string, body: object = {}): Promise<Response> =>
    registry.call(method, `/api/v1/projects${path}`, {
      ...(method === 'GET' ? {} : { headers: json, body: JSON.stringify(body) }),
    })
  assert.equal((await ask('POST', '', { name: 'team' })).status, 201)
  const rule = async (body: object): Promise<string> => {
    const made = await ask('POST', '/team/rules', body)
    assert.equal(made.status, 201, await made.clone().text())
    return ((await made.json()) as { id: string }).id
  }
  const tagsOf = async (repository: string): Promise<string> =>
    String(((await (await registry.call('GET', `/v2/${repository}/tags/list`)).json()) as { tags: string[] }).tags)
  return { ask, rule, tagsOf }
}

test('an immutable tag is neither moved nor deleted, whichever way, until its rule goes', async () => {
  await using registry = await startTestRegistry()
  const { ask, rule } = await furnish(registry)
  const id = await rule({ kind: 'immutable', repositories: 'app*', tags: 'v*' })
  const first = await pushImage(registry, 'team/app', 'v1')
  await pushImage(registry, 'team/app', 'v1')
  await pushImage(registry, 'team/app', 'latest')
  const other = await makeImage(registry, 'team/app', { layer: 'other' })
  const refused = await putManifest(registry, 'team/app', 'v1', other.text)
  assert.equal(refused.status, 403)
  assert.match(
    await refused.text(),
    /"DENIED","message":"tag v1 is immutable \(rule v\* of its project\): it can't be moved or deleted"/,
  )
  for (const [method, path] of [
    ['DELETE', '/v2/team/app/manifests/v1'],
    ['DELETE', `/v2/team/app/manifests/${first.digest}`],
    ['DELETE', '/api/v1/repositories/team/app/-/tags/v1'],
    ['DELETE', '/api/v1/repositories/team/app'],
    ['POST', '/api/v1/repositories/team/app/tags/v1/rollback'],
  ] as const) {
    const body = path.endsWith('rollback') ? { headers: json, body: JSON.stringify({ digest: other.digest }) } : {}
    await putManifest(registry, 'team/app', other.digest, other.text)
    const answer = await registry.call(method, path, body)
    assert.deepEqual([answer.status, await errorCode(answer)], [403, 'DENIED'], path)
  }
  assert.equal(await (await registry.call('GET', '/v2/team/app/manifests/v1')).text(), first.text)
  // Others are as free as before.
  assert.equal((await putManifest(registry, 'team/app', 'latest', other.text)).status, 201)
  await pushImage(registry, 'team/web', 'v1')
  await pushImage(registry, 'team/web', 'v1', { layer: 'other' })
  const { tags } = (await (await registry.call('GET', '/api/v1/repositories/team/app/-/tags')).json()) as {
    tags: readonly { name: string; isImmutable: boolean }[]
  }
  assert.deepEqual(
    tags.map((tag) => [tag.name, tag.isImmutable]),
    [
      ['latest', false],
      ['v1', true],
    ],
  )
  assert.equal((await ask('DELETE', `/team/rules/${id}`)).status, 204)
  assert.equal((await putManifest(registry, 'team/app', 'v1', other.text)).status, 201)
})

const at = (days: number): string => new Date(Date.UTC(2026, 0, 31) - days * 86_400_000).toISOString()
const tag = (name: string, days: number) => ({ name, digest: `sha256:${name}` as const, movedAt: at(days) })
const tags = [tag('latest', 0), tag('v3', 1), tag('v2', 20), tag('v1', 40), tag('dev', 50)]

test('a tag goes when a rule names it and none that does keeps it; the plan says why', () => {
  const plan = (rules: Parameters<typeof planRetention>[0], immutable = ''): string =>
    planRetention(rules, { repository: 'team/app', tags, isImmutable: (name) => name === immutable }, new Date(at(0)))
      .map((doomed) => `${doomed.tag} ${doomed.reasons.map(({ rank, days }) => `${rank}:${days}`)}`)
      .join(' | ')
  const rule = (pattern: string, keepLatest: number | null, keepDays: number | null, repositories = '*') => ({
    repositories,
    tags: pattern,
    keepLatest,
    keepDays,
  })
  assert.equal(plan([]), '')
  assert.equal(plan([rule('v*', 1, null)]), 'v2 2:20 | v1 3:40')
  assert.equal(plan([rule('v*', null, 30)]), 'v1 3:40')
  assert.equal(plan([rule('v*', 1, 30)]), 'v1 3:40')
  assert.equal(plan([rule('v*', 1, null)], 'v1'), 'v2 2:20')
  assert.equal(plan([rule('*', 2, null), rule('v*', null, null)]), 'dev 5:50')
  assert.equal(plan([rule('*', 2, null), rule('dev', null, 10)]), 'v2 3:20 | v1 4:40 | dev 5:50,1:50')
  assert.equal(plan([rule('*', 1, null, 'web')]), '')
})

test('retention is shown before it is done, goes into the trash, and comes back from there', async () => {
  await using registry = await startTestRegistry()
  const { ask, rule, tagsOf } = await furnish(registry)
  for (const name of ['v1', 'v2', 'v3']) await pushImage(registry, 'team/app', name, { layer: name })
  await pushImage(registry, 'team/app', 'stable', { layer: 'v1' })
  // An index needs what is tagged old-amd64.
  const child = await pushImage(registry, 'team/app', 'old-amd64', { layer: 'child' })
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ mediaType: mediaTypes.ociManifest, digest: child.digest, size: child.text.length }],
  }
  assert.equal((await putManifest(registry, 'team/app', 'multi', index)).status, 201)
  const plan = async (body: object): Promise<string> => {
    const answer = await ask('POST', '/team/retention/plan', body)
    const { tags, next } = (await answer.json()) as { tags: { tag: string }[]; next: unknown }
    assert.equal(next, null)
    return String(tags.map((doomed) => doomed.tag).sort())
  }
  assert.equal(await plan({}), '')
  assert.equal(await plan({ kind: 'retention', tags: 'v*', keepLatest: 1 }), 'v1,v2')
  await rule({ kind: 'retention', tags: 'v*', keepLatest: 1 })
  await rule({ kind: 'retention', tags: 'old-*', keepDays: 1 })
  assert.equal(await plan({}), 'v1,v2')
  {
    await using database = await openRegistryDatabase(registry.places)
    await database.sql`UPDATE tag SET moved_at = '2020-01-01T00:00:00.000Z' WHERE name = 'old-amd64'`
  }
  assert.equal(await plan({}), 'old-amd64,v1,v2')
  assert.equal(await tagsOf('team/app'), 'multi,old-amd64,stable,v1,v2,v3')
  assert.deepEqual(await (await ask('POST', '/team/retention/run')).json(), { tags: 3 })
  assert.equal(await tagsOf('team/app'), 'multi,stable,v3')
  assert.equal((await registry.call('GET', `/v2/team/app/manifests/${child.digest}`)).status, 200)
  const { manifests } = (await (await registry.call('GET', '/api/v1/repositories/team/app/trash')).json()) as {
    manifests: { digest: string; deletedBy: string }[]
  }
  assert.deepEqual(
    manifests.map(({ deletedBy }) => deletedBy),
    ['(retention)'],
  )
  const undelete = { headers: json, body: JSON.stringify({ digest: manifests[0]?.digest }) }
  await registry.call('POST', '/api/v1/repositories/team/app/undelete', undelete)
  await registry.call('POST', '/api/v1/repositories/team/app/tags/v1/rollback')
  assert.equal(await tagsOf('team/app'), 'multi,stable,v1,v2,v3')
})

test('the collector applies retention rules when their time has come, not at once', async () => {
  await using registry = await startTestRegistry({ retainEveryMs: 1_000_000, collectEveryMs: 1_000_000 })
  const { rule, tagsOf } = await furnish(registry)
  for (const name of ['v1', 'v2']) await pushImage(registry, 'team/app', name, { layer: name })
  await rule({ kind: 'retention', tags: 'v*', keepLatest: 1 })
  await registry.call('POST', '/api/v1/gc/run')
  assert.equal(await tagsOf('team/app'), 'v1,v2')
  await registry.restart({ retainEveryMs: 0 })
  await registry.call('POST', '/api/v1/gc/run')
  assert.equal(await tagsOf('team/app'), 'v2')
})

test('rules are for who maintains the project, and wrong ones are refused', async () => {
  await using registry = await startTestRegistry()
  const { ask } = await furnish(registry)
  for (const body of [
    { kind: 'other' },
    { kind: 'immutable', tags: '(v' },
    { kind: 'immutable', keepLatest: 1 },
    { kind: 'retention', keepLatest: 0 },
    { kind: 'retention', keepDays: 1.5 },
  ]) {
    assert.equal((await ask('POST', '/team/rules', body)).status, 400, JSON.stringify(body))
  }
  await makeAccount(registry, 'root')
  assert.equal((await ask('POST', '/team/rules', { kind: 'immutable' })).status, 401)
})

test('a thousand tags are planned page by page, and taken away while somebody pushes', async () => {
  await using registry = await startTestRegistry()
  const { ask, rule, tagsOf } = await furnish(registry)
  const { digest } = await pushImage(registry, 'team/app', 'latest')
  await pushImage(registry, 'team/web', 'nightly-0')
  await using database = await openRegistryDatabase(registry.places)
  await database.transaction(async (sql) => {
    const [app] = await sql<{ id: number }>`SELECT id FROM repository WHERE name = 'team/app'`
    for (let at = 0; at < 1200; at++) {
      const [name, movedAt] = [`nightly-${at}`, new Date(Date.UTC(2020, 0, 1, 0, 0, at))]
      await sql`
        INSERT INTO tag (repository_id, name, digest, moved_at) VALUES (${app?.id ?? 0}, ${name}, ${digest}, ${movedAt})`
    }
  })
  await rule({ kind: 'retention', tags: 'nightly-*', keepLatest: 1 })
  const planned: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const answer = await ask('POST', `/team/retention/plan?after=${after}`)
    const page = (await answer.json()) as { tags: { repository: string; tag: string }[]; next: string | null }
    assert.ok(page.tags.length <= 500)
    planned.push(...page.tags.map(({ repository, tag }) => `${repository}:${tag}`))
    after = page.next
  }
  assert.deepEqual(
    planned,
    Array.from({ length: 1199 }, (_, at) => `team/app:nightly-${1198 - at}`),
  )
  const run = ask('POST', '/team/retention/run')
  await pushImage(registry, 'team/app', 'nightly-new', { layer: 'new' })
  const { tags } = (await (await run).json()) as { tags: number }
  // By the facts of its moment: with the new one there, the last of the old ones isn't the newest any more.
  assert.equal(await tagsOf('team/app'), tags === 1200 ? 'latest,nightly-new' : 'latest,nightly-1199,nightly-new')
  assert.equal(await tagsOf('team/web'), 'nightly-0')
})
