import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PostgresServer } from '@slipway/database/testing'
import { browserOf, json, signedIn } from '../hub/testing.ts'
import { openRegistryDatabase } from '../places.ts'
import { basic, makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { arrive } from './elsewhere/arrive.ts'
import { managersRule, parseGroupRules } from './elsewhere/groups.ts'

describe('accounts over PostgreSQL', () => {
  let server: PostgresServer
  before(async () => {
    server = await PostgresServer.start()
  })
  after(() => server[Symbol.asyncDispose]())

  test('people are invited once, sign up, star, are disabled and removed', async () => {
    await using registry = await startTestRegistry({ database: await server.createDatabase() })
    const headers = { authorization: await makeAccount(registry, 'ada') }
    await pushImage(registry, 'team/app', 'v1', { headers })
    const ada = await signedIn(registry, 'ada')
    const made = await ada.ask('POST', '/api/v1/invitations', json({ grants: 'team/**:pull,push' }))
    const { invitation } = (await made.json()) as { invitation: string }
    const signUps = ['grace', 'hopper', 'murray'].map(async (name) => {
      const browser = browserOf(registry)
      const wish = { name, password: 'a moth in relay 70', invitation }
      return { browser, name, status: (await browser.ask('POST', '/api/v1/sign-up', json(wish))).status }
    })
    const outcomes = await Promise.all(signUps)
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), [201, 403, 403])
    const { browser, name } = outcomes.find(({ status }) => status === 201) ?? { browser: ada, name: '' }
    assert.equal((await browser.ask('PUT', '/api/v1/repositories/team/app/-/star')).status, 204)
    const { sessions } = (await (await browser.ask('GET', '/api/v1/sessions')).json()) as { sessions: object[] }
    assert.equal(sessions.length, 1)
    assert.equal((await ada.ask('PUT', `/api/v1/accounts/${name}/disabled`)).status, 204)
    const login = await registry.call('GET', '/v2/', { headers: { authorization: basic(name, 'a moth in relay 70') } })
    assert.equal(login.status, 401)
    assert.equal((await ada.ask('DELETE', `/api/v1/accounts/${name}`)).status, 204)
    const summary = await ada.ask('GET', '/api/v1/repositories/team/app/-/summary')
    assert.equal(((await summary.json()) as { stars: number }).stars, 0)
  })

  test('a second factor is required, begun and counted', async () => {
    await using registry = await startTestRegistry({ database: await server.createDatabase() })
    await makeAccount(registry, 'ada')
    await makeAccount(registry, 'bob')
    const ada = await signedIn(registry, 'ada')
    assert.equal((await ada.ask('PUT', '/api/v1/accounts/bob/second-factor', json({ required: true }))).status, 204)
    const bob = await signedIn(registry, 'bob')
    for (const _again of [1, 2]) {
      assert.equal((await bob.ask('POST', '/api/v1/second-factor', json({ password: 'secret' }))).status, 201)
    }
    assert.equal((await bob.ask('PUT', '/api/v1/second-factor', json({ code: 'none' }))).status, 401)
    const factor = await (await bob.ask('GET', '/api/v1/second-factor')).json()
    assert.deepEqual(factor, { isOn: false, isRequired: true, recoveryCodes: 0 })
    const { accounts } = (await (await ada.ask('GET', '/api/v1/accounts')).json()) as {
      accounts: { name: string; secondFactorRequired: boolean }[]
    }
    assert.deepEqual(
      accounts.map(({ name, secondFactorRequired }) => [name, secondFactorRequired]),
      [
        ['ada', false],
        ['bob', true],
      ],
    )
  })

  test('wrong passwords and codes are counted by all processes together', async () => {
    const database = await server.createDatabase()
    await using one = await startTestRegistry({ database })
    await makeAccount(one, 'ada')
    await using other = await startTestRegistry({ database })
    const login = async (registry: TestRegistry, password: string): Promise<number> =>
      (await registry.call('GET', '/token', { headers: { authorization: basic('ada', password) } })).status
    const guesses = Array.from({ length: 14 }, (_, at) => login(at % 2 === 0 ? one : other, `guess ${at}`))
    assert.deepEqual((await Promise.all(guesses)).sort(), [...Array(10).fill(401), ...Array(4).fill(429)])
    assert.deepEqual([await login(one, 'secret'), await login(other, 'secret')], [429, 429])
    await using shared = await openRegistryDatabase({ dataRoot: '/nowhere', database })
    await shared.sql`UPDATE failed_attempt SET until = ${new Date()}`
    assert.deepEqual([await login(one, 'guess'), await login(other, 'secret')], [401, 200])
    assert.deepEqual(await shared.sql`SELECT key FROM failed_attempt`, [])
  })

  test('an access token that many requests come with at once is right for all of them', async () => {
    await using registry = await startTestRegistry({ database: await server.createDatabase() })
    const authorization = await makeAccount(registry, 'ada')
    const made = await registry.call('POST', '/api/v1/tokens', {
      ...json({ name: 'ci' }),
      headers: { authorization, 'content-type': 'application/json' },
    })
    const { token } = (await made.json()) as { token: string }
    const asking = Array.from({ length: 40 }, async () => {
      const answer = await registry.call('GET', '/v2/', { headers: { authorization: basic('ada', token) } })
      return answer.status
    })
    assert.deepEqual(new Set(await Promise.all(asking)), new Set([200]))
  })

  test('of several who arrive as the same person at once, all get the one account that is made', async () => {
    await using database = await openRegistryDatabase({ dataRoot: '/nowhere', database: await server.createDatabase() })
    const arrival = { issuer: 'ldap', subject: 'u1', name: 'mary', groups: ['Devs', 'ops'], origin: 'ldap' } as const
    const rules = [...parseGroupRules('devs=team backend'), ...managersRule('ops')]
    const names = await Promise.all(Array.from({ length: 8 }, () => arrive(database, arrival, { create: true, rules })))
    assert.deepEqual(new Set(names), new Set(['mary']))
    const rows = await database.sql<{ team: string }>`SELECT team FROM team_member WHERE account = ${'mary'}`
    assert.deepEqual(rows, [{ team: 'backend' }])
    await assert.rejects(arrive(database, { ...arrival, subject: 'u2' }, { create: true, rules }), /of your name/)
  })
})
