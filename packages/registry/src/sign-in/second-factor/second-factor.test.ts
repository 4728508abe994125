import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserOf, json, messageIn, signedIn, type TestBrowser } from '../../hub/testing.ts'
import { openRegistryDatabase } from '../../places.ts'
import { basic, makeAccount, startTestRegistry, type TestRegistry } from '../../testing.ts'
import { codeAt, counterAt } from './totp.ts'

const path = '/api/v1/second-factor'

const secretFrom = (text: string): Buffer => {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** What an app shows: `step` 1 is the code after the present one, which is good already. */
type App = (step: 0 | 1) => string

const enrol = async (browser: TestBrowser, password = 'secret'): Promise<{ app: App; codes: readonly string[] }> => {
  const begun = await browser.ask('POST', path, json({ password }))
  assert.equal(begun.status, 201)
  const { secret, uri } = (await begun.json()) as { secret: string; uri: string }
  assert.match(uri, new RegExp(`^otpauth://totp/127\\.0\\.0\\.1%3A\\d+:ada\\?secret=${secret}&issuer=`))
  const began = counterAt(Date.now())
  const app: App = (step) => codeAt(secretFrom(secret), began + step)
  const confirmed = await browser.ask('PUT', path, json({ code: app(0) }))
  assert.equal(confirmed.status, 200)
  return { app, codes: ((await confirmed.json()) as { recoveryCodes: readonly string[] }).recoveryCodes }
}

const signIn = async (registry: TestRegistry, code?: string): Promise<Response> =>
  browserOf(registry).ask(
    'POST',
    '/api/v1/session',
    json({ user: 'ada', password: 'secret', ...(code ? { code } : {}) }),
  )

test('who has a second factor signs in with a code of it, which is good once', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const [here, there] = [await signedIn(registry, 'ada'), await signedIn(registry, 'ada')]
  assert.equal((await here.ask('POST', path, json({ password: 'wrong' }))).status, 401)
  assert.equal((await here.ask('PUT', path, json({ code: '123456' }))).status, 400)
  const { app, codes } = await enrol(here)
  assert.equal(codes.length, 10)
  assert.deepEqual(await (await here.ask('GET', path)).json(), { isOn: true, isRequired: false, recoveryCodes: 10 })
  const other = (await (await there.ask('GET', '/api/v1/session')).json()) as { account: string | null }
  assert.equal(other.account, null, 'who was signed in with the password alone is out')

  const asked = await signIn(registry)
  assert.equal(asked.status, 401)
  const { errors } = (await asked.json()) as { errors: readonly { detail: object }[] }
  assert.deepEqual(errors[0]?.detail, { secondFactor: true })
  assert.equal(asked.headers.get('set-cookie'), null)
  assert.equal((await signIn(registry, app(0))).status, 401, 'it was used to confirm')
  assert.equal((await signIn(registry, app(1))).status, 204)
  assert.equal((await signIn(registry, app(1))).status, 401)
  assert.equal((await here.ask('POST', path, json({ password: 'secret' }))).status, 400, 'there is one already')
})

test('two who show the same code at once are not both let in', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const { app } = await enrol(await signedIn(registry, 'ada'))
  const answers = await Promise.all([1, 2, 3, 4].map(async () => (await signIn(registry, app(1))).status))
  assert.equal(answers.filter((status) => status === 204).length, 1)
})

test('a recovery code is good once, and new ones end the old', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const here = await signedIn(registry, 'ada')
  const { app, codes } = await enrol(here)
  const [first = '', second = '', third = ''] = codes
  assert.equal((await signIn(registry, first.toUpperCase().replace('-', ' '))).status, 204)
  assert.equal((await signIn(registry, first)).status, 401)
  const renewed = await here.ask('POST', `${path}/recovery-codes`, json({ code: second }))
  assert.equal(renewed.status, 201)
  assert.equal((await signIn(registry, third)).status, 401)
  assert.equal((await here.ask('DELETE', path, json({ code: third }))).status, 401)
  assert.equal((await here.ask('DELETE', path, json({ code: app(1) }))).status, 204)
  assert.equal((await signIn(registry)).status, 204)
})

test('after five wrong codes even a right one has to wait, from wherever it comes', async () => {
  await using registry = await startTestRegistry({ settings: { behindProxy: true } })
  await makeAccount(registry, 'ada')
  const { app } = await enrol(await signedIn(registry, 'ada'))
  const from = (address: string, code: string): Promise<Response> =>
    browserOf(registry).ask('POST', '/api/v1/session', {
      ...json({ user: 'ada', password: 'secret', code }),
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    })
  for (let guess = 1; guess <= 5; guess += 1) {
    assert.equal((await from(`192.0.2.${guess}`, `nonsense ${guess}`)).status, 401)
  }
  const refused = await from('192.0.2.9', app(1))
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) > 600)
})

test('docker logs in with a token then, and is told so', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  const here = await signedIn(registry, 'ada')
  await enrol(here)
  for (const address of ['/v2/', '/token', '/api/v1/tokens']) {
    const refused = await registry.call('GET', address, { headers: { authorization } })
    assert.equal(refused.status, 401)
    assert.match(await messageIn(refused), /second factor: log in with an access token in place of the password/)
  }
  const { token } = (await (await here.ask('POST', '/api/v1/tokens', json({ name: 'laptop' }))).json()) as {
    token: string
  }
  const login = await registry.call('GET', '/token', { headers: { authorization: basic('ada', token) } })
  assert.equal(login.status, 200)
})

test('who must have a second factor does nothing before it is set up; who lost it is helped by a manager', async () => {
  await using registry = await startTestRegistry({ signIn: { requireSecondFactor: true } })
  const authorization = await makeAccount(registry, 'ada')
  const here = await signedIn(registry, 'ada')
  const due = async (): Promise<unknown> =>
    ((await (await here.ask('GET', '/api/v1/session')).json()) as { due: unknown }).due
  assert.equal(await due(), 'second-factor')
  assert.match(await messageIn(await here.ask('GET', '/api/v1/tokens')), /set up a second factor first/)
  const client = await registry.call('GET', '/v2/', { headers: { authorization } })
  assert.match(await messageIn(client), /needs a second factor/)
  await enrol(here)
  assert.equal(await due(), null)
  assert.equal((await here.ask('GET', '/api/v1/tokens')).status, 200)

  await makeAccount(registry, 'bob')
  const bob = await signedIn(registry, 'bob')
  assert.equal((await bob.ask('DELETE', '/api/v1/accounts/ada/second-factor')).status, 403)
  await registry.restart({ signIn: { requireSecondFactor: false } })
  assert.equal((await bob.ask('DELETE', '/api/v1/accounts/ada/second-factor')).status, 204)
  assert.equal(await due(), null)
  assert.equal((await signIn(registry)).status, 204)
  assert.equal((await bob.ask('PUT', '/api/v1/accounts/ada/second-factor', json({ required: true }))).status, 204)
  const again = await signedIn(registry, 'ada')
  assert.equal((await again.ask('GET', '/api/v1/tokens')).status, 403)
})

test('the database tells nobody the secret', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const { codes } = await enrol(await signedIn(registry, 'ada'))
  await using database = await openRegistryDatabase(registry.places)
  const [row] = await database.sql<{ secret: string }>`SELECT secret FROM second_factor`
  assert.equal(Buffer.from(row?.secret ?? '', 'base64url').length, 12 + 20 + 16)
  const digests = await database.sql<{ digest: string }>`SELECT digest FROM recovery_code`
  assert.equal(digests.length, 10)
  assert.equal(
    digests.some(({ digest }) => codes.includes(digest)),
    false,
  )
})

test('who has signed in with a code needs no other to switch it off, but for five minutes only', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  const { app } = await enrol(await signedIn(registry, 'ada'))
  const here = browserOf(registry)
  const login = { user: 'ada', password: 'secret', code: app(1) }
  assert.equal((await here.ask('POST', '/api/v1/session', json(login))).status, 204)
  assert.equal((await here.ask('POST', `${path}/recovery-codes`, json({}))).status, 201)
  assert.equal((await here.ask('DELETE', path, json({ code: 'wrong' }))).status, 401, 'what is shown has to be right')
  await using database = await openRegistryDatabase(registry.places)
  await database.sql`UPDATE browser_session SET code_at = ${new Date(Date.now() - 5 * 60_000 - 1)}`
  const asked = await here.ask('DELETE', path, json({}))
  assert.equal(asked.status, 401)
  assert.match(await asked.text(), /secondFactor/)
  await database.sql`UPDATE browser_session SET code_at = ${new Date(Date.now() - 4 * 60_000)}`
  assert.equal((await here.ask('DELETE', path, json({}))).status, 204)
  assert.equal((await signIn(registry)).status, 204)
})
