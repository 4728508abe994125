import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent, request as httpRequest } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { digestOf } from '@slipway/core'
import { openStorage } from '../places.ts'
import { errorCode, pushBlob, startTestRegistry, type TestRegistry } from '../testing.ts'

const begin = async (registry: TestRegistry, repository = 'user/app'): Promise<string> => {
  const response = await registry.call('POST', `/v2/${repository}/blobs/uploads/`)
  assert.equal(response.status, 202)
  assert.ok(response.headers.get('docker-upload-uuid'))
  return response.headers.get('location') ?? ''
}

const patch = (registry: TestRegistry, location: string, body: string, range?: string): Promise<Response> =>
  registry.call('PATCH', location, {
    body,
    headers: { 'Content-Type': 'application/octet-stream', ...(range ? { 'Content-Range': range } : {}) },
  })

const read = async (registry: TestRegistry, digest: string, repository = 'user/app'): Promise<string> => {
  const response = await registry.call('GET', `/v2/${repository}/blobs/${digest}`)
  assert.equal(response.status, 200)
  return response.text()
}

test('a blob is uploaded with POST, then PUT', async () => {
  await using registry = await startTestRegistry()
  const digest = digestOf('hello')
  const response = await registry.call('PUT', `${await begin(registry)}?digest=${digest}`, { body: 'hello' })
  assert.equal(response.status, 201)
  assert.equal(response.headers.get('location'), `/v2/user/app/blobs/${digest}`)
  assert.equal(response.headers.get('docker-content-digest'), digest)
  assert.equal(await read(registry, digest), 'hello')
})

test('a blob is uploaded with a single POST, also one of no bytes, and by sha512', async () => {
  await using registry = await startTestRegistry()
  for (const text of ['single', '']) {
    const digest = await pushBlob(registry, 'user/app', text)
    assert.equal(await read(registry, digest), text)
  }
  const digest = digestOf('longer digest', 'sha512')
  const response = await registry.call('POST', `/v2/user/app/blobs/uploads/?digest=${digest}`, {
    body: 'longer digest',
  })
  assert.equal(response.status, 201)
  assert.equal(response.headers.get('docker-content-digest'), digest)
  assert.equal(await read(registry, digest), 'longer digest')
})

test('a blob is uploaded in chunks that say where they belong', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const first = await patch(registry, location, 'hello ', '0-5')
  assert.equal(first.status, 202)
  assert.equal(first.headers.get('range'), '0-5')
  const second = await patch(registry, first.headers.get('location') ?? '', 'wor', '6-8')
  assert.equal(second.headers.get('range'), '0-8')
  const status = await registry.call('GET', location)
  assert.equal(status.status, 204)
  assert.equal(status.headers.get('range'), '0-8')
  const digest = digestOf('hello world')
  const end = await registry.call('PUT', `${location}?digest=${digest}`, {
    body: 'ld',
    headers: { 'Content-Range': '9-10' },
  })
  assert.equal(end.status, 201)
  assert.equal(await read(registry, digest), 'hello world')
})

test('a chunk out of order is 416, by PATCH and by PUT, and the upload goes on after it', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const ahead = await patch(registry, location, 'later', '5-9')
  assert.equal(ahead.status, 416)
  await patch(registry, location, 'hello', '0-4')
  const again = await patch(registry, location, 'hello', '0-4')
  assert.equal(again.status, 416)
  assert.equal(again.headers.get('range'), '0-4')
  assert.equal(again.headers.get('location'), location)
  const digest = digestOf('hello!')
  const late = { body: '!', headers: { 'Content-Range': '9-9' } }
  assert.equal((await registry.call('PUT', `${location}?digest=${digest}`, late)).status, 416)
  const end = await registry.call('PUT', `${location}?digest=${digest}`, { body: '!' })
  assert.equal(end.status, 201)
})

test('a chunk whose length is not what its range says is refused', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const short = await patch(registry, location, 'abc', '0-9')
  assert.equal(short.status, 400)
  assert.equal(await errorCode(short), 'SIZE_INVALID')
  assert.equal((await patch(registry, location, 'abc', 'x-y')).status, 400)
  assert.equal((await patch(registry, location, 'abc', '0-2')).status, 202)
})

test('bytes without a length are appended as they come, as docker sends them', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const bytes = randomBytes(3 << 20)
  const request = httpRequest(`${registry.url}${location}`, { method: 'PATCH' })
  const answered = new Promise<number | undefined>((resolve) => request.on('response', (r) => resolve(r.statusCode)))
  for (let at = 0; at < bytes.length; at += 100_000) request.write(bytes.subarray(at, at + 100_000))
  request.end()
  assert.equal(await answered, 202)
  const digest = digestOf(bytes)
  assert.equal((await registry.call('PUT', `${location}?digest=${digest}`)).status, 201)
  const back = await registry.call('GET', `/v2/user/app/blobs/${digest}`)
  assert.ok(bytes.equals(Buffer.from(await back.arrayBuffer())))
})

test('a wrong digest is DIGEST_INVALID, and nothing of the upload is left', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const response = await registry.call('PUT', `${location}?digest=${digestOf('something else')}`, { body: 'hello' })
  assert.equal(response.status, 400)
  assert.equal(await errorCode(response), 'DIGEST_INVALID')
  assert.equal((await registry.call('GET', location)).status, 404)
  assert.equal((await registry.call('HEAD', `/v2/user/app/blobs/${digestOf('hello')}`)).status, 404)
  const malformed = await registry.call('PUT', `${await begin(registry)}?digest=sha256:nonsense`, { body: 'x' })
  assert.equal(await errorCode(malformed), 'DIGEST_INVALID')
  const single = await registry.call('POST', `/v2/user/app/blobs/uploads/?digest=${digestOf('a')}`, { body: 'b' })
  assert.equal(await errorCode(single), 'DIGEST_INVALID')
})

test('an upload that is cancelled, unknown, or of another repository is BLOB_UPLOAD_UNKNOWN', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const elsewhere = location.replace('user/app', 'user/other')
  for (const path of [
    elsewhere,
    '/v2/user/app/blobs/uploads/nonsense',
    `/v2/user/app/blobs/uploads/${'a'.repeat(500)}`,
  ]) {
    const response = await patch(registry, path, 'x')
    assert.equal(response.status, 404)
    assert.equal(await errorCode(response), 'BLOB_UPLOAD_UNKNOWN')
  }
  assert.equal((await registry.call('DELETE', location)).status, 204)
  assert.equal((await registry.call('GET', location)).status, 404)
  assert.equal((await registry.call('DELETE', location)).status, 404)
})

test('an upload is gone on with after the registry was started anew', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  await patch(registry, location, 'before ')
  await registry.restart()
  const status = await registry.call('GET', location)
  assert.equal(status.headers.get('range'), '0-6')
  await patch(registry, location, 'after', '7-11')
  const digest = digestOf('before after')
  assert.equal((await registry.call('PUT', `${location}?digest=${digest}`)).status, 201)
})

/** How far an upload is; 1 where nothing has come, for a Range can't tell. */
const offsetOf = async (registry: TestRegistry, location: string): Promise<number> => {
  const { status, headers } = await registry.call('GET', location)
  assert.equal(status, 204)
  return Number(headers.get('range')?.split('-')[1]) + 1
}

test('a client that goes away in the middle of a chunk can go on where it stopped', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const bytes = randomBytes(3 << 20)
  const offset = (): Promise<number> => offsetOf(registry, location)
  const request = httpRequest(`${registry.url}${location}`, { method: 'PATCH', headers: { 'Content-Length': 4 << 20 } })
  request.on('error', () => undefined)
  request.write(bytes)
  // The server takes what comes in pieces.
  while ((await offset()) === 1) await delay(10)
  request.destroy()
  // What was on its way may come still: who is told so asks again.
  const goOn = async (): Promise<number> => {
    const now = await offset()
    const headers = now < bytes.length ? { 'Content-Range': `${now}-${bytes.length - 1}` } : {}
    const body = new Uint8Array(bytes.subarray(now))
    const { status } = await registry.call('PUT', `${location}?digest=${digestOf(bytes)}`, { headers, body })
    return status === 416 ? goOn() : status
  }
  assert.equal(await goOn(), 201)
})

test('a newer request for an upload ends the one that hangs', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const hanging = httpRequest(`${registry.url}${location}`, { method: 'PATCH', headers: { 'Content-Length': 4 << 20 } })
  const ended = new Promise((resolve) => hanging.on('error', resolve))
  hanging.write(randomBytes(3 << 20))
  while ((await offsetOf(registry, location)) === 1) await delay(10)
  assert.equal((await registry.call('PATCH', location, { body: 'abc' })).status, 202)
  await ended
})

test('two clients that push the same blob at once both succeed', async () => {
  await using registry = await startTestRegistry()
  const bytes = randomBytes(2 << 20)
  const digest = digestOf(bytes)
  const push = async (repository: string): Promise<number> => {
    const location = await begin(registry, repository)
    await registry.call('PATCH', location, { body: bytes })
    return (await registry.call('PUT', `${location}?digest=${digest}`)).status
  }
  assert.deepEqual(await Promise.all(['a', 'a', 'b', 'b'].map(push)), [201, 201, 201, 201])
})

test('an unknown digest algorithm is refused when the upload is opened', async () => {
  await using registry = await startTestRegistry()
  const call = (algorithm: string) => registry.call('POST', `/v2/a/blobs/uploads/?digest-algorithm=${algorithm}`)
  assert.equal((await call('sha512')).status, 202)
  assert.equal((await call('md5')).status, 400)
})

test('a refusal reaches a client that is still sending, and its connection serves on', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send = (path: string, headers: Record<string, string>, body: Buffer): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${registry.url}${path}`, { method: 'PATCH', agent, headers }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode))
      })
      request.on('error', reject)
      request.end(body)
    })
  const large = Buffer.alloc(8 << 20)
  const chunked = { 'Transfer-Encoding': 'chunked' }
  assert.equal(await send(location, { 'Content-Range': `5-${large.length + 4}` }, large), 416)
  assert.equal(await send(location, { ...chunked, 'Content-Range': '0-9' }, large), 400)
  assert.equal(await send('/v2/user/app/blobs/uploads/unknown', chunked, large), 404)
  assert.equal(await send(location, chunked, large), 202)
  agent.destroy()
})

test('a PUT that is sent again while the first is still at work is not taken for a new, empty upload', async () => {
  await using registry = await startTestRegistry()
  const location = await begin(registry)
  const bytes = randomBytes(4 << 20)
  const digest = digestOf(bytes)
  await registry.call('PATCH', location, { body: bytes })
  const put = async (): Promise<number> => {
    try {
      return (await registry.call('PUT', `${location}?digest=${digest}`)).status
    } catch {
      return 0
    }
  }
  const statuses = await Promise.all([put(), put(), put()])
  assert.equal(statuses.includes(400), false, String(statuses))
  assert.equal((await registry.call('HEAD', `/v2/user/app/blobs/${digest}`)).status, 200)
})

test('an upload that was finished in the storage when the process died is finished by the next PUT', async () => {
  await using registry = await startTestRegistry()
  const digest = digestOf('all of it')
  for (const [promised, status] of [
    [digest, 201],
    [digestOf('something else'), 400],
  ] as const) {
    const location = await begin(registry)
    await patch(registry, location, 'all of it')
    // Lets go of the bytes.
    await registry.restart()
    {
      await using ingest = await (await openStorage(registry.places)).ingest(location.split('/').at(-1) ?? '')
      await ingest.commit({ digest })
    }
    assert.equal((await registry.call('PUT', `${location}?digest=${promised}`)).status, status)
    assert.equal((await registry.call('GET', location)).status, 404)
  }
  assert.equal(await read(registry, digest), 'all of it')
})
