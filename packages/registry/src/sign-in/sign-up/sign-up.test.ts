import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserOf, json, messageIn, signedIn } from '../../hub/testing.ts'
import { basic, makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../../testing.ts'

const wish = { name: 'grace', password: 'a moth in relay 70' }

const signUp = (registry: TestRegistry, body: object): Promise<Response> =>
  browserOf(registry).ask('POST', '/api/v1/sign-up', json(body))

const invite = async (registry: TestRegistry, body: object = {}): Promise<{ id: string; invitation: string }> => {
  const manager = await signedIn(registry, 'ada')
  const response = await manager.ask('POST', '/api/v1/invitations', json(body))
  assert.equal(response.status, 201)
  return (await response.json()) as { id: string; invitation: string }
}

test('where sign-up is open, who signs up is signed in, and pushes into a project of their own alone', async () => {
  await using registry = await startTestRegistry({ signIn: { signUp: 'open' } })
  const early = await signUp(registry, wish)
  assert.match(await messageIn(early), /the first account is made with: slipway registry user add/)
  const headers = { authorization: await makeAccount(registry, 'ada') }
  await pushImage(registry, 'team/app', 'v1', { headers })
  const browser = browserOf(registry)
  assert.equal((await browser.ask('POST', '/api/v1/sign-up', json(wish))).status, 201)
  const session = (await (await browser.ask('GET', '/api/v1/session')).json()) as { account: string; manages: boolean }
  assert.deepEqual([session.account, session.manages], ['grace', false])
  const authorization = basic('grace', wish.password)
  await pushImage(registry, 'grace/app', 'v1', { headers: { authorization } })
  await assert.rejects(pushImage(registry, 'team/web', 'v1', { headers: { authorization } }), /403/)
})

test('nobody takes the name of others, or one that would make others believe something', async () => {
  await using registry = await startTestRegistry({ signIn: { signUp: 'open' } })
  const headers = { authorization: await makeAccount(registry, 'ada') }
  await makeAccount(registry, 'Grace')
  await pushImage(registry, 'team/app', 'v1', { headers })
  for (const [name, message] of [
    ['grace', /taken/],
    ['ada', /taken/],
    ['team', /taken/],
    ['admin', /taken/],
    ['Bob', /lower-case/],
    ['b', /2 to 64/],
    ['b'.repeat(65), /2 to 64/],
    ['a/b', /lower-case/],
    ['', /2 to 64/],
  ] as const) {
    assert.match(await messageIn(await signUp(registry, { ...wish, name })), message, name)
  }
  assert.match(await messageIn(await signUp(registry, { name: 'bob', password: 'password12' })), /tried first/)
  assert.equal((await browserOf(registry).ask('GET', '/api/v1/session')).status, 200)
})

test('an invitation is good once, grants what it says, and ends', async () => {
  await using registry = await startTestRegistry()
  const headers = { authorization: await makeAccount(registry, 'ada') }
  await pushImage(registry, 'team/app', 'v1', { headers })
  assert.match(await messageIn(await signUp(registry, wish)), /takes an invitation/)
  const { invitation } = await invite(registry, { note: 'for Grace', grants: 'team/**:pull,push' })
  const wrong = invitation.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  assert.equal((await signUp(registry, { ...wish, invitation: wrong })).status, 403)
  const refused = await signUp(registry, { ...wish, name: 'Grace', invitation })
  assert.equal(refused.status, 400)
  const both = await Promise.all(
    ['grace', 'hopper'].map(async (name) => (await signUp(registry, { ...wish, name, invitation })).status),
  )
  assert.deepEqual(both.sort(), [201, 403])
  const manager = await signedIn(registry, 'ada')
  const { accounts } = (await (await manager.ask('GET', '/api/v1/accounts')).json()) as {
    accounts: { name: string; grants: { pattern: string; actions: string[] }[] }[]
  }
  const [made] = accounts.filter(({ name }) => name !== 'ada')
  assert.deepEqual(made?.grants, [{ pattern: 'team/**', actions: ['pull', 'push'] }])
  const late = await invite(registry, { expiresIn: '0s' })
  assert.equal((await signUp(registry, { ...wish, name: 'late', invitation: late.invitation })).status, 403)
})

test('only managers invite, see who is invited without the secret, and take it back', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  await makeAccount(registry, 'bob', 'secret', { pattern: 'team/**', actions: ['pull'] })
  const bob = await signedIn(registry, 'bob')
  for (const method of ['GET', 'POST']) assert.equal((await bob.ask(method, '/api/v1/invitations')).status, 403)
  const { id, invitation } = await invite(registry, { note: 'for Grace' })
  const manager = await signedIn(registry, 'ada')
  const listed = await (await manager.ask('GET', '/api/v1/invitations')).text()
  assert.match(listed, /for Grace/)
  assert.equal(listed.includes(invitation.slice(-64)), false)
  assert.equal((await manager.ask('DELETE', `/api/v1/invitations/${id}`)).status, 204)
  assert.equal((await manager.ask('DELETE', `/api/v1/invitations/${id}`)).status, 404)
  assert.equal((await signUp(registry, { ...wish, invitation })).status, 403)
  const invalid = await manager.ask('POST', '/api/v1/invitations', json({ grants: 'team' }))
  assert.equal(invalid.status, 400)
})

test('where sign-up is off an invitation opens nothing, and one address makes twenty accounts an hour', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const { invitation } = await invite(registry)
  await registry.restart({ signIn: { signUp: 'off' } })
  for (let count = 0; count < 20; count += 1) {
    assert.match(await messageIn(await signUp(registry, { ...wish, invitation })), /takes no sign-ups/)
  }
  const refused = await signUp(registry, { ...wish, invitation })
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  const elsewhere = await browserOf(registry).ask('POST', '/api/v1/sign-up', {
    ...json(wish),
    headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
  })
  assert.equal(elsewhere.status, 403)
})
