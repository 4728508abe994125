import assert from 'node:assert/strict'
import { test } from 'node:test'
import { giveOneTimePassword } from '../accounts/one-time.ts'
import { openRegistryDatabase } from '../places.ts'
import { basic, makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { browserOf, json, messageIn, signedIn, type TestBrowser } from './testing.ts'

const accountOf = async (browser: TestBrowser): Promise<string | null> =>
  ((await (await browser.ask('GET', '/api/v1/session')).json()) as { account: string | null }).account

interface Listed {
  readonly sessions: readonly { readonly id: string; readonly isThis: boolean; readonly agent: string }[]
}

const sessionsOf = async (browser: TestBrowser): Promise<Listed['sessions']> =>
  ((await (await browser.ask('GET', '/api/v1/sessions')).json()) as Listed).sessions

test('one sees the browsers in which one has signed in, and ends them; those of others are not there', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  await makeAccount(registry, 'bob')
  const [here, there, bob] = [
    await signedIn(registry, 'ada'),
    await signedIn(registry, 'ada'),
    await signedIn(registry, 'bob'),
  ]
  const sessions = await sessionsOf(here)
  assert.deepEqual(sessions.map(({ isThis }) => isThis).sort(), [false, true])
  const [other] = sessions.filter(({ isThis }) => !isThis)
  const [ofBob] = await sessionsOf(bob)
  assert.equal((await here.ask('DELETE', `/api/v1/sessions/${ofBob?.id}`)).status, 404)
  assert.equal((await here.ask('DELETE', '/api/v1/sessions/%25')).status, 404)
  assert.equal((await here.ask('DELETE', `/api/v1/sessions/${other?.id}`)).status, 204)
  assert.deepEqual([await accountOf(here), await accountOf(there), await accountOf(bob)], ['ada', null, 'bob'])
  assert.equal((await registry.call('GET', '/api/v1/sessions')).status, 401)
})

test('a new password ends the sessions of other browsers, and goes on in this one', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const [here, there] = [await signedIn(registry, 'ada'), await signedIn(registry, 'ada')]
  const before = here.cookie()
  const changed = await here.ask('PUT', '/api/v1/password', json({ old: 'secret', new: 'another secret' }))
  assert.equal(changed.status, 204)
  assert.notEqual(here.cookie(), before)
  assert.deepEqual([await accountOf(here), await accountOf(there)], ['ada', null])
})

const oneTimePassword = async (registry: TestRegistry, name: string): Promise<string> => {
  await using database = await openRegistryDatabase(registry.places)
  return await giveOneTimePassword(database.sql, name)
}

test('a password for one sign-in lets its person do nothing but choose another', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const password = await oneTimePassword(registry, 'ada')
  const refused = await registry.call('GET', '/v2/', { headers: { authorization: basic('ada', password) } })
  assert.equal(refused.status, 401)
  assert.match(await messageIn(refused), /one sign-in, in the browser/)
  const token = await registry.call('GET', '/token', { headers: { authorization: basic('ada', password) } })
  assert.equal(token.status, 401)
  const browser = await signedIn(registry, 'ada', password)
  const session = (await (await browser.ask('GET', '/api/v1/session')).json()) as { due: string }
  assert.equal(session.due, 'password')
  for (const path of ['/api/v1/accounts', '/api/v1/tokens', '/api/v1/sessions', '/api/v1/repositories']) {
    assert.equal((await browser.ask('GET', path)).status, 403, path)
  }
  assert.equal((await browser.ask('PUT', '/api/v1/password', json({ old: password, new: password }))).status, 400)
  const changed = await browser.ask('PUT', '/api/v1/password', json({ old: password, new: 'correct horse' }))
  assert.equal(changed.status, 204)
  assert.equal((await browser.ask('GET', '/api/v1/accounts')).status, 200)
  const login = await registry.call('GET', '/v2/', { headers: { authorization: basic('ada', 'correct horse') } })
  assert.equal(login.status, 200)
})

test('an account that is disabled ends at once with all that was made for it, until it is enabled', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const authorization = await makeAccount(registry, 'bob')
  const [ada, bob] = [await signedIn(registry, 'ada'), await signedIn(registry, 'bob')]
  const made = await bob.ask('POST', '/api/v1/tokens', json({ name: 'ci' }))
  const { token } = (await made.json()) as { token: string }
  const issued = await registry.call('GET', '/token', { headers: { authorization } })
  const bearer = `Bearer ${((await issued.json()) as { token: string }).token}`
  const outcomes = async (): Promise<readonly number[]> => {
    const headers = [authorization, basic('bob', token), bearer]
    return Promise.all(
      headers.map(async (one) => (await registry.call('GET', '/v2/', { headers: { authorization: one } })).status),
    )
  }
  assert.deepEqual(await outcomes(), [200, 200, 200])
  assert.equal((await bob.ask('PUT', '/api/v1/accounts/bob/disabled')).status, 409)
  assert.equal((await ada.ask('PUT', '/api/v1/accounts/nobody/disabled')).status, 404)
  assert.equal((await ada.ask('PUT', '/api/v1/accounts/bob/disabled')).status, 204)
  assert.deepEqual(await outcomes(), [401, 401, 401])
  assert.equal(await accountOf(bob), null)
  const again = await bob.ask('POST', '/api/v1/session', json({ user: 'bob', password: 'secret' }))
  assert.match(await messageIn(again), /disabled/)
  assert.equal((await ada.ask('DELETE', '/api/v1/accounts/bob/disabled')).status, 204)
  assert.deepEqual(await outcomes(), [200, 200, 200])
  assert.equal(await accountOf(bob), null)
})

test('the stars of an account that is removed are counted no longer', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  await makeAccount(registry, 'bob')
  for (const name of ['team/app', 'team/web']) await pushImage(registry, name, 'v1', { headers: { authorization } })
  const [ada, bob] = [await signedIn(registry, 'ada'), await signedIn(registry, 'bob')]
  for (const browser of [ada, bob]) await browser.ask('PUT', '/api/v1/repositories/team/app/-/star')
  await bob.ask('PUT', '/api/v1/repositories/team/web/-/star')
  assert.equal((await ada.ask('DELETE', '/api/v1/accounts/bob')).status, 204)
  const { repositories } = (await (await browserOf(registry).ask('GET', '/api/v1/repositories')).json()) as {
    repositories: readonly { name: string; stars: number }[]
  }
  assert.deepEqual(
    repositories.map(({ name, stars }) => [name, stars]),
    [
      ['team/app', 1],
      ['team/web', 0],
    ],
  )
})
