import assert from 'node:assert/strict'
import { createServer as createHttp, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import { basic, makeAccount, pushImage, startTestRegistry, type TestRegistry } from './testing.ts'

test('it says that it lives and is ready, to everyone', async () => {
  await using registry = await startTestRegistry({ settings: { visibility: 'private' } })
  await makeAccount(registry, 'james')
  const health = await registry.call('GET', '/healthz')
  assert.deepEqual([health.status, await health.json()], [200, { status: 'ok' }])
  const ready = await registry.call('GET', '/readyz')
  assert.deepEqual(
    [ready.status, await ready.json()],
    [200, { status: 'ok', database: true, storage: true, open: true }],
  )
})

test('every answer has an id, also a refusal; a proxy’s own is taken over', async () => {
  await using registry = await startTestRegistry()
  const idOf = async (path: string, headers: Record<string, string> = {}) =>
    (await registry.call('GET', path, { headers })).headers.get('x-request-id') ?? ''
  const ids = await Promise.all(['/v2/', '/nowhere', '/v2/user/app/manifests/v1'].map((path) => idOf(path)))
  assert.equal(new Set(ids).size, 3)
  assert.equal(await idOf('/v2/', { 'X-Request-Id': 'of-the-proxy.1' }), 'of-the-proxy.1')
  assert.notEqual(await idOf('/v2/', { 'X-Request-Id': 'no id at all"' }), 'no id at all"')
})

const figuresOf = async (registry: TestRegistry): Promise<string> => (await registry.call('GET', '/metrics')).text()

test('/metrics counts requests by what they are about, and tells of the garbage queue', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/app', 'v1')
  await registry.call('GET', '/v2/user/app/manifests/v1')
  await registry.call('GET', '/v2/user/app/manifests/none')
  await registry.call('GET', '/nowhere')
  const text = await figuresOf(registry)
  const count = (labels: string): number =>
    Number(new RegExp(`^slipway_registry_requests_total\\{${labels}\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
  assert.equal(count('method="PUT",kind="manifests",status="201"'), 1)
  assert.equal(count('method="POST",kind="uploads",status="201"'), 2)
  assert.equal(count('method="GET",kind="manifests",status="404"'), 1)
  assert.equal(count('method="GET",kind="other",status="404"'), 1)
  assert.match(text, /^slipway_registry_gc_waiting\{kind="blob"\} 2$/m)
  assert.match(text, /^slipway_registry_gc_overdue_seconds\{kind="blob"\} 0$/m)
  assert.match(text, /^slipway_registry_gc_freed_bytes 0$/m)
  assert.match(text, /^slipway_registry_request_seconds_count\{kind="manifests"\} 3$/m)
  assert.match(text, /^process_resident_memory_bytes \d/m)
})

test('/metrics by way of a proxy is for those who may manage the registry; it can be turned off', async () => {
  await using registry = await startTestRegistry()
  const [root, ann] = [
    await makeAccount(registry, 'root'),
    await makeAccount(registry, 'ann', 'secret', { pattern: '**', actions: ['pull'] }),
  ]
  const ask = async (authorization?: string): Promise<number> =>
    (
      await registry.call('GET', '/metrics', {
        headers: { 'X-Forwarded-For': '192.0.2.1', ...(authorization ? { Authorization: authorization } : {}) },
      })
    ).status
  assert.deepEqual(
    [await ask(), await ask(ann), await ask(root), await ask(basic('root', 'wrong'))],
    [401, 403, 200, 401],
  )
  await registry.restart({ metrics: false })
  assert.equal((await registry.call('GET', '/metrics')).status, 404)
})

interface AuditAnswer {
  readonly events: readonly { readonly id: string; readonly action: string; readonly account: string | null }[]
}

test('the audit knows who pushed, deleted and failed to log in, and tells it to managers', async () => {
  await using registry = await startTestRegistry()
  const root = await makeAccount(registry, 'root')
  const ann = await makeAccount(registry, 'ann', 'secret', { pattern: 'team/**', actions: ['pull', 'push', 'delete'] })
  await pushImage(registry, 'team/app', 'v1', { headers: { Authorization: ann } })
  await registry.call('DELETE', '/v2/team/app/manifests/v1', { headers: { Authorization: root } })
  await registry.call('DELETE', '/v2/team/app/manifests/v2', { headers: { Authorization: root } })
  await registry.call('GET', '/v2/', { headers: { Authorization: basic('ann', 'wrong') } })
  const read = async (query: string, authorization = root): Promise<AuditAnswer & { status: number }> => {
    const response = await registry.call('GET', `/api/v1/audit${query}`, { headers: { Authorization: authorization } })
    return { ...((await response.json()) as AuditAnswer), status: response.status }
  }
  const { events } = await read('')
  assert.deepEqual(
    events.map(({ action, account }) => [action, account]),
    [
      ['login.failed', null],
      ['manifest.delete', 'root'],
      ['manifest.push', 'ann'],
    ],
  )
  const { repository, subject, address, requestId } = events[2] as unknown as Record<string, string>
  assert.deepEqual([repository, subject, address], ['team/app', 'v1', '127.0.0.1'])
  assert.match(requestId ?? '', /^[0-9a-f-]{36}$/)
  assert.equal((await read('?repository=team/app&n=1')).events.length, 1)
  assert.deepEqual((await read(`?before=${events[1]?.id}`)).events, [events[2]])
  assert.equal((await read('', ann)).status, 403)
  await registry.restart()
  assert.equal((await read('')).events.length, 3)
})

/** Takes what a collector would be sent. */
const startCollector = async () => {
  const bodies: unknown[] = []
  const server = createHttp((request: IncomingMessage, response) => {
    json(request).then((body) => {
      bodies.push({ path: request.url, body })
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { bodies, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() }
}

test('requests are told to an OpenTelemetry collector, as part of the caller’s trace, without their queries', async () => {
  await using collector = await startCollector()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  {
    await using registry = await startTestRegistry({ traces: collector.url })
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
    await registry.call('GET', '/v2/user/app/manifests/v1?secret=x', { headers })
  }
  const told = JSON.stringify(collector.bodies)
  assert.match(told, /"path":"\/v1\/traces"/)
  assert.ok(told.includes(traceId) && told.includes('GET manifests') && told.includes('slipway-registry'))
  assert.ok(told.includes('b7ad6b7169203331') && told.includes('"intValue":404'))
  assert.equal(told.includes('secret'), false)
})
