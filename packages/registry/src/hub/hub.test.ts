import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAccount, pushImage, startTestRegistry } from '../testing.ts'
import { browserOf, json, signedIn } from './testing.ts'

/** What these tests read of the answers. */
interface Answer {
  readonly stars: number
  readonly starred: boolean
  readonly tags: number & readonly { readonly name: string; readonly digest: string }[]
  readonly accounts: readonly { readonly name: string; readonly kind: string; readonly grants: readonly object[] }[]
  readonly results: readonly { readonly star_count: number }[]
  readonly description: string
  readonly readme: string
  readonly edition: number
  readonly repositories: readonly { readonly name: string }[]
  readonly config: { readonly architecture: string }
  readonly sharing: readonly object[]
  readonly freed: number
}

const answerOf = async (response: Promise<Response>): Promise<Answer> => (await (await response).json()) as Answer

test('a browser signs in with a cookie that no script and no other site sees, and out again', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const browser = browserOf(registry)
  const wrong = await browser.ask('POST', '/api/v1/session', json({ user: 'ada', password: 'guess' }))
  assert.equal(wrong.status, 401)
  const right = await browser.ask('POST', '/api/v1/session', json({ user: 'ada', password: 'secret' }))
  assert.match(right.headers.get('set-cookie') ?? '', /; Path=\/; HttpOnly; SameSite=Strict$/)
  assert.deepEqual(await (await browser.ask('GET', '/api/v1/session')).json(), {
    account: 'ada',
    manages: true,
    origin: 'local',
    due: null,
  })
  const before = browser.cookie()
  await browser.ask('DELETE', '/api/v1/session')
  const after = await registry.call('GET', '/api/v1/session', { headers: { cookie: before } })
  assert.deepEqual(await after.json(), { account: null, manages: false, origin: null, due: null })
})

test('a session that was there before the sign-in is worth nothing after it', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const browser = await signedIn(registry, 'ada')
  const planted = browser.cookie()
  await browser.ask('POST', '/api/v1/session', json({ user: 'ada', password: 'secret' }))
  assert.notEqual(browser.cookie(), planted)
  const answer = await registry.call('GET', '/api/v1/session', { headers: { cookie: planted } })
  assert.equal(((await answer.json()) as { account: unknown }).account, null)
})

test('a cookie speaks for nobody on the distribution API, nor for pages of other sites', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  await pushImage(registry, 'team/app', 'v1', { headers: { authorization } })
  const browser = await signedIn(registry, 'ada')
  assert.equal((await browser.ask('DELETE', '/v2/team/app/manifests/v1')).status, 401)
  for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }]) {
    const response = await browser.ask('PUT', '/api/v1/repositories/team/app/-/star', { headers })
    assert.equal(response.status, 403)
  }
})

test('stars are counted once an account, and search knows them', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  await makeAccount(registry, 'bob')
  await pushImage(registry, 'team/app', 'v1', { headers: { authorization } })
  const star = '/api/v1/repositories/team/app/-/star'
  assert.equal((await registry.call('PUT', star)).status, 401)
  const [ada, bob] = [await signedIn(registry, 'ada'), await signedIn(registry, 'bob')]
  for (const browser of [ada, ada, bob]) assert.equal((await browser.ask('PUT', star)).status, 204)
  const summary = await answerOf(ada.ask('GET', '/api/v1/repositories/team/app/-/summary'))
  assert.deepEqual([summary.stars, summary.starred, summary.tags], [2, true, 1])
  await ada.ask('DELETE', star)
  const found = await answerOf(registry.call('GET', '/v1/search?q=app'))
  assert.equal(found.results[0]?.star_count, 1)
})

test('of two who edit the same page the second is told, and nothing is lost', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  await pushImage(registry, 'team/app', 'v1', { headers: { authorization } })
  const browser = await signedIn(registry, 'ada')
  const path = '/api/v1/repositories/team/app/-/summary'
  const edit = (readme: string, edition: number): Promise<Response> =>
    browser.ask('PUT', path, json({ description: ' An\napp ', readme, edition }))
  assert.equal((await edit('# First', 0)).status, 204)
  assert.equal((await edit('# Second', 0)).status, 409)
  const { description, readme, edition } = await answerOf(browser.ask('GET', path))
  assert.deepEqual({ description, readme, edition }, { description: 'An app', readme: '# First', edition: 1 })
  assert.equal((await edit('x'.repeat(300_000), 1)).status, 400)
})

test('who manages the registry makes accounts and robots, and says what they may do', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  await makeAccount(registry, 'guest', 'secret', { pattern: 'team/**', actions: ['pull'] })
  const ada = await signedIn(registry, 'ada')
  const guest = await signedIn(registry, 'guest')
  assert.equal((await registry.call('GET', '/api/v1/accounts')).status, 401)
  assert.equal((await guest.ask('GET', '/api/v1/accounts')).status, 403)
  const bob = { name: 'bob', password: 'long enough', pattern: 'team/**', actions: 'pull,push' }
  assert.equal((await ada.ask('POST', '/api/v1/accounts', json(bob))).status, 201)
  assert.equal((await ada.ask('POST', '/api/v1/accounts', json({ name: 'ci', actions: 'pull' }))).status, 201)
  assert.equal((await ada.ask('POST', '/api/v1/accounts', json({ name: 'no:name', password: 'x' }))).status, 400)
  const grants = '/api/v1/accounts/bob/grants'
  assert.equal((await ada.ask('PUT', grants, json({ pattern: 'other', actions: 'pull' }))).status, 204)
  assert.equal((await ada.ask('DELETE', `${grants}?pattern=team/**`)).status, 204)
  const { accounts } = await answerOf(ada.ask('GET', '/api/v1/accounts'))
  assert.deepEqual(
    accounts.map(({ name, kind, grants }) => [name, kind, grants]),
    [
      ['ada', 'user', [{ pattern: '**', actions: ['pull', 'push', 'delete', 'manage'] }]],
      ['bob', 'user', [{ pattern: 'other', actions: ['pull'] }]],
      ['ci', 'robot', [{ pattern: '**', actions: ['pull'] }]],
      ['guest', 'user', [{ pattern: 'team/**', actions: ['pull'] }]],
    ],
  )
  assert.equal((await ada.ask('DELETE', '/api/v1/accounts/ada')).status, 409)
  assert.equal((await ada.ask('DELETE', '/api/v1/accounts/guest')).status, 204)
  assert.equal(((await (await guest.ask('GET', '/api/v1/session')).json()) as { account: unknown }).account, null)
})

test('a new password needs the old one', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const browser = await signedIn(registry, 'ada')
  const change = (old: string): Promise<Response> =>
    browser.ask('PUT', '/api/v1/password', json({ old, new: 'another secret' }))
  assert.equal((await change('guess')).status, 401)
  assert.equal((await change('secret')).status, 204)
  assert.equal((await change('secret')).status, 401)
  await signedIn(registry, 'ada', 'another secret')
})

test('explore shows what the caller may read, page by page', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  await makeAccount(registry, 'guest', 'secret', { pattern: 'team/**', actions: ['pull'] })
  for (const name of ['open', 'team/secret', 'other/secret']) {
    await pushImage(registry, name, 'v1', { headers: { authorization } })
  }
  const ada = await signedIn(registry, 'ada')
  for (const name of ['team/secret', 'other/secret']) {
    const path = `/api/v1/repositories/${name}/-/visibility`
    assert.equal((await ada.ask('PUT', path, json({ visibility: 'private' }))).status, 204)
  }
  const namesFor = async (ask: (method: string, path: string) => Promise<Response>): Promise<readonly string[]> => {
    const { repositories } = await answerOf(ask('GET', '/api/v1/repositories'))
    return repositories.map(({ name }) => name)
  }
  assert.deepEqual(await namesFor(registry.call), ['open'])
  assert.deepEqual(await namesFor((await signedIn(registry, 'guest')).ask), ['open', 'team/secret'])
  assert.deepEqual(await namesFor(ada.ask), ['open', 'other/secret', 'team/secret'])
  assert.equal((await registry.call('GET', '/api/v1/repositories/team/secret/-/summary')).status, 401)
})

test('an image tells its config, who shares its layers, and what a delete would free', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'app', 'v1', { layer: 'shared' })
  await pushImage(registry, 'app', 'v2', { layer: 'shared', config: { architecture: 'arm64', os: 'linux' } })
  const { tags } = await answerOf(registry.call('GET', '/api/v1/repositories/app/-/tags'))
  assert.deepEqual(
    tags.map(({ name }) => name),
    ['v1', 'v2'],
  )
  const image = await answerOf(registry.call('GET', `/api/v1/repositories/app/-/images/${tags[1]?.digest}`))
  assert.equal(image.config.architecture, 'arm64')
  assert.deepEqual(image.sharing, [{ repository: 'app', tag: 'v1', layers: 1 }])
  assert.equal(image.freed, JSON.stringify({ architecture: 'arm64', os: 'linux' }).length)
})

test('a tag goes alone, and comes back by its history', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'app', 'v1')
  assert.equal((await registry.call('DELETE', '/api/v1/repositories/app/-/tags/v1')).status, 204)
  assert.equal((await registry.call('DELETE', '/api/v1/repositories/app/-/tags/v1')).status, 404)
  assert.equal((await registry.call('GET', '/v2/app/manifests/v1')).status, 404)
  assert.equal((await registry.call('POST', '/api/v1/repositories/app/tags/v1/rollback')).status, 200)
  assert.equal((await registry.call('GET', '/v2/app/manifests/v1')).status, 200)
})

test('only the pages’ own addresses are pages: all others are the registry’s', async () => {
  await using registry = await startTestRegistry()
  for (const path of ['/v2/app/none', '/api/v1/none', '/nothing', '/assets/none.js']) {
    const response = await registry.call('GET', path)
    assert.deepEqual([response.status, response.headers.get('content-type')], [404, 'application/json'], path)
  }
})
