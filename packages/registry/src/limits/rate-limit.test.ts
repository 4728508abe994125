import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAccount, pushImage, startTestRegistry } from '../testing.ts'
import { parseRate, RateLimit } from './rate-limit.ts'

test('a rate is so many in a time, or 0', () => {
  assert.deepEqual(parseRate('100/6h'), { count: 100, windowMs: 6 * 3_600_000 })
  assert.equal(parseRate('0'), undefined)
  for (const text of ['', '100', '0/1h', '-1/1h', '1/x', '1.5/1h'])
    assert.throws(() => parseRate(text), { code: 'invalid' })
})

test('each caller has its own window, and a new one when that is over', () => {
  let now = 0
  const limit = new RateLimit({ count: 2, windowMs: 10_000 }, () => now)
  assert.deepEqual([limit.take('a').remaining, limit.take('a').remaining], [1, 0])
  now = 4000
  assert.throws(() => limit.take('a'), { code: 'rate-limited', detail: { retryAfterSeconds: 6 } })
  assert.equal(limit.take('b').remaining, 1)
  now = 10_000
  assert.equal(limit.take('a').remaining, 1)
})

test('pulls are counted, looking is free, and the answer says what is left', async () => {
  await using registry = await startTestRegistry({
    rates: { requests: undefined, pulls: { count: 2, windowMs: 3_600_000 } },
  })
  await pushImage(registry, 'user/app', 'v1')
  const pull = (method: string, headers: Record<string, string> = {}) =>
    registry.call(method, '/v2/user/app/manifests/v1', { headers })
  for (const left of [1, 0]) {
    for (let looks = 0; looks < 3; looks += 1) assert.equal((await pull('HEAD')).status, 200)
    const answer = await pull('GET')
    assert.equal(answer.headers.get('ratelimit-limit'), '2;w=3600')
    assert.equal(answer.headers.get('ratelimit-remaining'), `${left};w=3600`)
  }
  const refused = await pull('GET')
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  assert.equal((await pull('GET', { Authorization: await makeAccount(registry, 'james') })).status, 200)
})

test('behind a proxy strangers are told apart by the address that it saw', async () => {
  await using registry = await startTestRegistry({
    rates: { requests: { count: 1, windowMs: 3_600_000 }, pulls: undefined },
    settings: { behindProxy: true },
  })
  const from = async (address: string): Promise<number> =>
    (await registry.call('GET', '/v2/user/app/tags/list', { headers: { 'X-Forwarded-For': address } })).status
  assert.deepEqual([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.1')], [404, 404, 429])
  assert.equal(await from('198.51.100.7, 192.0.2.2'), 429)
})
