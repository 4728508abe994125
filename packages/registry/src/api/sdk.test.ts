import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import * as sdk from '@slipway/client/hub/client'
import { createMatcher } from '@slipway/http'
import { makeAccount, pushImage, startTestRegistry } from '../testing.ts'
import { apiTable } from './table.ts'

const { HubClient } = sdk

/** A hub that answers everything with an empty page, and tells which operation was asked for. */
const listener = async (t: TestContext) => {
  const match = createMatcher(apiTable)
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const found = match(request.method ?? '', path)
    const route = typeof found === 'object' ? apiTable.find((one) => one === found.route) : undefined
    asked.push(route?.operation.id ?? `${request.method} ${path}`)
    request.resume()
    const isStream = route?.operation.media?.includes('text/event-stream')
    response.writeHead(200, { 'content-type': 'application/json' })
    if (isStream) response.end('id: 1\nevent: push\ndata: {}\n\n')
    else response.end(JSON.stringify({ ...Object.fromEntries(lists.map((name) => [name, []])), next: null }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const lists = ['repositories', 'tags', 'projects', 'teams', 'members', 'accounts', 'events']

/** Whatever a call takes second and third, this is some of it. */
const operand = Object.assign(Object('team/app'), { kind: 'account', name: 'ann' })

test('the SDK has a call for each operation of the API, by its name, and asks for that', async (t) => {
  const { url, asked } = await listener(t)
  await using hub = new HubClient({ url })
  const calls: Readonly<Record<string, unknown>> = { ...sdk }
  for (const { operation } of apiTable) {
    const call = calls[operation.id]
    assert.ok(typeof call === 'function', `${operation.id} is missing in the SDK`)
    const answer = await call(hub, operand, operand, operand)
    const first = answer?.[Symbol.asyncIterator]?.()
    if (first !== undefined) await first.next()
    assert.equal(asked.at(-1), operation.id)
  }
})

test('a client with a password, one with a session and one with a token see what their account may', async () => {
  await using registry = await startTestRegistry({ settings: { visibility: 'private' } })
  const authorization = await makeAccount(registry, 'ada')
  for (let at = 0; at < 60; at++) await pushImage(registry, `team/app${at}`, 'v1', { headers: { authorization } })
  const namesFor = async (hub: sdk.HubClient): Promise<number> =>
    (await Array.fromAsync(sdk.listRepositories(hub))).length
  const credentials = { username: 'ada', password: 'secret' }
  await using byPassword = new HubClient({ url: registry.url, credentials })
  assert.equal(await namesFor(byPassword), 60)
  await using bySession = new HubClient({ url: registry.url })
  assert.equal(await namesFor(bySession), 0)
  await sdk.signIn(bySession, { user: 'ada', password: 'secret' })
  assert.equal(await namesFor(bySession), 60)
  await sdk.star(bySession, 'team/app7')
  assert.equal((await sdk.readRepository(byPassword, 'team/app7')).stars, 1)
  const { token } = await sdk.makeToken(byPassword, { name: 'ci', limits: 'team/app1:pull' })
  await using byToken = new HubClient({ url: registry.url, credentials: { username: 'ada', password: token } })
  assert.equal((await sdk.readRepository(byToken, 'team/app1')).mayPush, false)
  await assert.rejects(sdk.listTokens(byToken), { code: 'forbidden' })
  await sdk.signOut(bySession)
  assert.equal((await sdk.whoIsThere(bySession)).account, null)
})

test('what the hub refuses comes with its words and a code; a hub that is not there says so', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ada')
  await using hub = new HubClient({ url: registry.url, credentials: { username: 'ada', password: 'secret' } })
  await assert.rejects(sdk.readRepository(hub, 'team/none'), {
    code: 'not-found',
    message: 'repository name not known to registry',
  })
  await assert.rejects(sdk.makeToken(hub, { name: '' }), { code: 'invalid', message: /body\.name/ })
  await using nobody = new HubClient({ url: registry.url })
  await assert.rejects(Array.fromAsync(sdk.listAccounts(nobody)), { code: 'unauthenticated' })
  await using nowhere = new HubClient({ url: 'http://127.0.0.1:1' })
  await assert.rejects(sdk.whoIsThere(nowhere), { code: 'unavailable', message: /127\.0\.0\.1:1: nobody answers/ })
  assert.throws(() => new HubClient({ url: 'ftp://hub' }), { code: 'invalid' })
})
