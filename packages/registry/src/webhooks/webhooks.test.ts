import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { WebhookDelivery } from '@slipway/client'
import { makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { signatureOf } from './deliver.ts'

interface Told {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Whom to tell: answers with the statuses that are given, then with 200. */
const listener = async (t: TestContext, statuses: number[] = []): Promise<{ url: string; told: Told[] }> => {
  const told: Told[] = []
  const server = createServer(async (request, response) => {
    told.push({ headers: request.headers, body: await text(request) })
    response.writeHead(statuses.shift() ?? 200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, told }
}

const until = async <T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (let tries = 0; tries < 2400; tries += 1) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await delay(25)
  }
  throw new Error(`in vain: ${what}`)
}

const add = async (
  registry: TestRegistry,
  authorization: string,
  body: object,
): Promise<{ id: string; secret: string }> => {
  const response = await registry.call('POST', '/api/v1/webhooks', {
    body: JSON.stringify(body),
    headers: { authorization, 'content-type': 'application/json' },
  })
  assert.equal(response.status, 201)
  return (await response.json()) as { id: string; secret: string }
}

const deliveriesOf = async (registry: TestRegistry, authorization: string, id: string) => {
  const response = await registry.call('GET', `/api/v1/webhooks/${id}/deliveries`, { headers: { authorization } })
  return ((await response.json()) as { deliveries: readonly WebhookDelivery[] }).deliveries
}

test('a webhook is told of pushes and deletes of its repositories, and can tell that it is us', async (t) => {
  await using registry = await startTestRegistry({ webhooks: { allowPrivate: true, intervalMs: 20 } })
  const authorization = await makeAccount(registry, 'ada')
  const { url, told } = await listener(t)
  const { secret } = await add(registry, authorization, { url, pattern: 'team/**' })
  const headers = { authorization }
  await pushImage(registry, 'other', 'v1', { headers })
  const { digest } = await pushImage(registry, 'team/app', 'v1', { headers })
  await registry.call('DELETE', '/api/v1/repositories/team/app/-/tags/v1', { headers })
  await until('two are told', () => (told.length >= 2 ? true : undefined))
  // What is due at one look is told at once: which comes first nobody says.
  const payloads = told.map(({ body }) => JSON.parse(body)).toSorted((one, other) => (one.event < other.event ? -1 : 1))
  assert.deepEqual(
    payloads.map(({ at: _, ...payload }) => payload),
    [
      { event: 'delete', repository: 'team/app', tag: 'v1', digest: null, previous: digest, by: 'ada' },
      { event: 'push', repository: 'team/app', tag: 'v1', digest, previous: null, by: 'ada' },
    ],
  )
  for (const { headers, body } of told) assert.equal(headers['x-slipway-signature'], signatureOf(secret, body))
})

test('what was refused is told again later, and at once when somebody wants it', async (t) => {
  await using registry = await startTestRegistry({ webhooks: { allowPrivate: true, intervalMs: 20 } })
  const authorization = await makeAccount(registry, 'ada')
  const { url, told } = await listener(t, [500])
  const { id } = await add(registry, authorization, { url })
  await pushImage(registry, 'app', 'v1', { headers: { authorization } })
  const refused = await until('it was refused', async () =>
    (await deliveriesOf(registry, authorization, id)).find(({ status }) => status === 500),
  )
  assert.equal(refused.error, 'answered 500')
  assert.ok(refused.nextAt !== null)
  const again = `/api/v1/webhooks/${id}/deliveries/${refused.id}/again`
  assert.equal((await registry.call('POST', again, { headers: { authorization } })).status, 202)
  const done = await until('it was told', async () =>
    (await deliveriesOf(registry, authorization, id)).find(({ nextAt }) => nextAt === null),
  )
  assert.deepEqual([done.status, done.error, told.length], [200, null, 2])
})

test('what a registry could not tell before it ended is told by the next', async (t) => {
  const webhooks = { allowPrivate: true, intervalMs: 20 }
  await using registry = await startTestRegistry({ webhooks: { ...webhooks, intervalMs: 3_600_000 } })
  const authorization = await makeAccount(registry, 'ada')
  const { url, told } = await listener(t)
  await add(registry, authorization, { url })
  await pushImage(registry, 'app', 'v1', { headers: { authorization } })
  await registry.restart({ webhooks })
  await until('it is told', () => (told.length > 0 ? true : undefined))
})

test('a webhook reaches no address of this machine or its networks, unless that is allowed', async (t) => {
  await using registry = await startTestRegistry({ webhooks: { allowPrivate: false, intervalMs: 20 } })
  const authorization = await makeAccount(registry, 'ada')
  const { url, told } = await listener(t)
  for (const address of [url, url.replace('127.0.0.1', 'localhost')]) {
    const { id } = await add(registry, authorization, { url: address })
    await pushImage(registry, `app-${new URL(address).hostname}`, 'v1', { headers: { authorization } })
    const refused = await until('it was refused', async () =>
      (await deliveriesOf(registry, authorization, id)).find(({ error }) => error !== null),
    )
    assert.match(refused.error ?? '', /is not a public address/)
  }
  assert.equal(told.length, 0)
})

test('only who manages the registry sees and makes webhooks, and only of the web', async () => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  const guest = await makeAccount(registry, 'guest', 'secret', { pattern: 'team/**', actions: ['pull'] })
  assert.equal((await registry.call('GET', '/api/v1/webhooks')).status, 401)
  assert.equal((await registry.call('GET', '/api/v1/webhooks', { headers: { authorization: guest } })).status, 403)
  for (const url of ['file:///etc/passwd', 'ftp://x/', 'nonsense', 'http://user:password@example.com/']) {
    const response = await registry.call('POST', '/api/v1/webhooks', {
      body: JSON.stringify({ url }),
      headers: { authorization, 'content-type': 'application/json' },
    })
    assert.equal(response.status, 400, url)
  }
})
