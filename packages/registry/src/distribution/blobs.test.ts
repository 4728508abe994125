import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '@slipway/core'
import { errorCode, pushBlob, pushImage, startTestRegistry } from '../testing.ts'

test('GET and HEAD of a blob tell everything a client caches by', async () => {
  await using registry = await startTestRegistry()
  const digest = await pushBlob(registry, 'user/app', 'hello')
  for (const method of ['GET', 'HEAD']) {
    const response = await registry.call(method, `/v2/user/app/blobs/${digest}`)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-length'), '5')
    assert.equal(response.headers.get('content-type'), 'application/octet-stream')
    assert.equal(response.headers.get('docker-content-digest'), digest)
    assert.equal(response.headers.get('etag'), `"${digest}"`)
    assert.equal(response.headers.get('accept-ranges'), 'bytes')
    assert.equal(response.headers.get('docker-distribution-api-version'), 'registry/2.0')
    assert.equal(await response.text(), method === 'GET' ? 'hello' : '')
  }
})

test('a client that has the blob is told so', async () => {
  await using registry = await startTestRegistry()
  const digest = await pushBlob(registry, 'user/app', 'hello')
  for (const tag of [`"${digest}"`, digest, `"x", "${digest}"`]) {
    const response = await registry.call('GET', `/v2/user/app/blobs/${digest}`, { headers: { 'If-None-Match': tag } })
    assert.equal(response.status, 304, tag)
  }
})

test('a range of a blob is 206, one beyond its end 416', async () => {
  await using registry = await startTestRegistry()
  const digest = await pushBlob(registry, 'user/app', '0123456789')
  const get = (range: string, headers: Record<string, string> = {}) =>
    registry.call('GET', `/v2/user/app/blobs/${digest}`, { headers: { Range: range, ...headers } })
  const middle = await get('bytes=2-5')
  assert.equal(middle.status, 206)
  assert.equal(middle.headers.get('content-range'), 'bytes 2-5/10')
  assert.equal(await middle.text(), '2345')
  assert.equal(await (await get('bytes=-3')).text(), '789')
  assert.equal(await (await get('bytes=8-')).text(), '89')
  const beyond = await get('bytes=10-')
  assert.equal(beyond.status, 416)
  assert.equal(beyond.headers.get('content-range'), 'bytes */10')
  const other = await get('bytes=2-5', { 'If-Range': '"another"' })
  assert.equal(other.status, 200)
})

test('several ranges come as multipart/byteranges', async () => {
  await using registry = await startTestRegistry()
  const digest = await pushBlob(registry, 'user/app', '0123456789')
  const response = await registry.call('GET', `/v2/user/app/blobs/${digest}`, {
    headers: { Range: 'bytes=0-1,5-5,-2' },
  })
  assert.equal(response.status, 206)
  const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(response.headers.get('content-type') ?? '')?.[1] ?? ''
  const text = await response.text()
  assert.equal(Number(response.headers.get('content-length')), text.length)
  const parts = text.split(`\r\n--${boundary}`)
  assert.deepEqual(
    parts.slice(1, -1).map((part) => part.split('\r\n\r\n')[1]),
    ['01', '5', '89'],
  )
  assert.match(parts[1] ?? '', /Content-Range: bytes 0-1\/10/)
  assert.equal(parts.at(-1), '--\r\n')
})

test('a blob is seen in the repositories it was pushed to, and nowhere else', async () => {
  await using registry = await startTestRegistry()
  const digest = await pushBlob(registry, 'user/app', 'hello')
  await pushBlob(registry, 'user/other', 'else')
  const response = await registry.call('GET', `/v2/user/other/blobs/${digest}`)
  assert.equal(response.status, 404)
  assert.equal(await errorCode(response), 'BLOB_UNKNOWN')
})

test('a blob is mounted from a repository that is named, or from any', async () => {
  await using registry = await startTestRegistry()
  const digest = await pushBlob(registry, 'user/app', 'hello')
  const named = await registry.call('POST', `/v2/user/one/blobs/uploads/?mount=${digest}&from=user/app&origin=x`)
  assert.equal(named.status, 201)
  assert.equal(named.headers.get('location'), `/v2/user/one/blobs/${digest}`)
  assert.equal((await registry.call('HEAD', `/v2/user/one/blobs/${digest}`)).status, 200)
  const any = await registry.call('POST', `/v2/user/two/blobs/uploads/?mount=${digest}`)
  assert.equal(any.status, 201)
})

test('a mount of what is not there opens an upload instead', async () => {
  await using registry = await startTestRegistry()
  await pushBlob(registry, 'user/app', 'hello')
  const missing = digestOf('missing')
  for (const query of [
    `mount=${missing}&from=user/app`,
    `mount=${missing}`,
    `mount=${digestOf('hello')}&from=no/body`,
  ]) {
    const response = await registry.call('POST', `/v2/user/one/blobs/uploads/?${query}`)
    assert.equal(response.status, 202, query)
    const location = response.headers.get('location') ?? ''
    assert.equal((await registry.call('PUT', `${location}?digest=${digestOf('x')}`, { body: 'x' })).status, 201)
  }
})

test('a blob is deleted from one repository; one that an image needs stays', async () => {
  await using registry = await startTestRegistry()
  const digest = await pushBlob(registry, 'user/app', 'hello')
  await pushBlob(registry, 'user/other', 'hello')
  assert.equal((await registry.call('DELETE', `/v2/user/app/blobs/${digest}`)).status, 202)
  assert.equal((await registry.call('DELETE', `/v2/user/app/blobs/${digest}`)).status, 404)
  assert.equal((await registry.call('GET', `/v2/user/other/blobs/${digest}`)).status, 200)
  await pushBlob(registry, 'user/app', 'hello')
  assert.equal((await registry.call('GET', `/v2/user/app/blobs/${digest}`)).status, 200)
  await pushImage(registry, 'user/app', 'v1', { layer: 'needed' })
  const needed = await registry.call('DELETE', `/v2/user/app/blobs/${digestOf('needed')}`)
  assert.equal(needed.status, 405)
  assert.equal(await errorCode(needed), 'UNSUPPORTED')
})

test('a name, a digest, a method or a path that is none gets the error for it', async () => {
  await using registry = await startTestRegistry()
  const cases = [
    ['GET', '/v2/UPPER/blobs/sha256:00', 400, 'NAME_INVALID'],
    ['GET', `/v2/${'a'.repeat(300)}/tags/list`, 400, 'NAME_INVALID'],
    ['GET', '/v2/a/../b/tags/list/x', 404, 'NOT_FOUND'],
    ['GET', '/v2/user/app/blobs/sha256:00', 400, 'DIGEST_INVALID'],
    ['GET', `/v2/user/app/blobs/md5:${'0'.repeat(32)}`, 400, 'DIGEST_INVALID'],
    ['PATCH', '/v2/user/app/manifests/latest', 405, 'UNSUPPORTED'],
    ['GET', '/v2/user/app', 404, 'NOT_FOUND'],
    ['GET', '/v3/', 404, 'NOT_FOUND'],
  ] as const
  for (const [method, path, status, code] of cases) {
    const response = await registry.call(method, path)
    assert.equal(response.status, status, path)
    assert.equal(await errorCode(response), code, path)
  }
})
