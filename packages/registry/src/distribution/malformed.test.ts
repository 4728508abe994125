import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf, mediaTypes } from '@slipway/core'
import { basic, errorCode, makeImage, pushBlob, startTestRegistry, type TestRegistry } from '../testing.ts'

const valid = digestOf('valid')

interface Case {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly status: number
  readonly code: string
}

/** By node:http: fetch() mends paths and headers before it sends them. */
const send = (registry: TestRegistry, { method, path, headers = {}, body }: Case): Promise<[number, string]> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(registry.url)
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      text(response).then((told) => {
        const code = /"code":"([A-Z_]+)"/.exec(told)?.[1] ?? ''
        resolve([response.statusCode ?? 0, code])
      }, reject)
    })
    request.on('error', reject)
    request.end(body)
  })

const answersAs = async (registry: TestRegistry, cases: readonly Case[]): Promise<void> => {
  for (const one of cases) {
    assert.deepEqual(await send(registry, one), [one.status, one.code], `${one.method} ${one.path.slice(0, 120)}`)
  }
}

const get = (path: string, status: number, code: string): Case => ({ method: 'GET', path, status, code })

test('names that are none are NAME_INVALID, whatever is tried with them', async () => {
  await using registry = await startTestRegistry()
  const names = ['UPPER', 'a//b', 'a/../b', '-a', 'a-', 'a.', '%2e%2e', 'a%00b', 'ä', 'a b', `${'a/'.repeat(200)}a`]
  await answersAs(
    registry,
    names.flatMap((name) =>
      ['manifests/v1', `blobs/${valid}`, 'tags/list', `referrers/${valid}`].map((rest) =>
        get(`/v2/${encodeURI(name).replaceAll('%25', '%')}/${rest}`, 400, 'NAME_INVALID'),
      ),
    ),
  )
})

test('digests, tags and numbers that are none have their own refusals', async () => {
  await using registry = await startTestRegistry()
  await pushBlob(registry, 'user/app', 'x')
  const digests = [
    'sha256:',
    'sha256:short',
    `sha256:${'G'.repeat(64)}`,
    `md5:${'a'.repeat(32)}`,
    `sha256:${'a'.repeat(65)}`,
  ]
  const upload = { method: 'POST', path: '/v2/user/app/blobs/uploads/' } as const
  await answersAs(registry, [
    ...digests.flatMap((digest) => [
      get(`/v2/user/app/manifests/${digest}`, 400, 'DIGEST_INVALID'),
      get(`/v2/user/app/blobs/${digest}`, 400, 'DIGEST_INVALID'),
      get(`/v2/user/app/referrers/${digest}`, 400, 'DIGEST_INVALID'),
      { ...upload, path: `${upload.path}?digest=${digest}`, status: 400, code: 'DIGEST_INVALID' },
      { ...upload, path: `${upload.path}?mount=${digest}&from=a`, status: 400, code: 'DIGEST_INVALID' },
    ]),
    { method: 'PUT', path: '/v2/user/app/manifests/-v1', body: '{}', status: 400, code: 'TAG_INVALID' },
    { method: 'PUT', path: `/v2/user/app/manifests/${'v'.repeat(129)}`, body: '{}', status: 400, code: 'TAG_INVALID' },
    { ...upload, path: `${upload.path}?digest-algorithm=sha1`, status: 400, code: 'DIGEST_INVALID' },
    get('/v2/user/app/tags/list?n=many', 400, 'PAGINATION_NUMBER_INVALID'),
    get('/v2/_catalog?n=-1', 400, 'PAGINATION_NUMBER_INVALID'),
    get('/v1/search?q=x&n=1e3', 400, 'PAGINATION_NUMBER_INVALID'),
    get('/v2/user/app/nothing', 404, 'NOT_FOUND'),
    { method: 'PATCH', path: '/v2/user/app/manifests/v1', status: 405, code: 'UNSUPPORTED' },
  ])
})

test('manifests that are none are MANIFEST_INVALID', async () => {
  await using registry = await startTestRegistry()
  const { text: image } = await makeImage(registry, 'user/app')
  const parsed = JSON.parse(image) as { config: object; layers: object[] }
  const changed = (fields: object): string => JSON.stringify({ ...parsed, ...fields })
  const bodies = [
    '',
    'null',
    '[]',
    '{"schemaVersion":2',
    '\uFEFF{}',
    changed({ schemaVersion: 1 }),
    changed({ schemaVersion: '2' }),
    changed({ layers: {} }),
    changed({ layers: [null] }),
    changed({ config: { ...parsed.config, size: -1 } }),
    changed({ config: { ...parsed.config, size: 1.5 } }),
    changed({ config: { ...parsed.config, digest: 'sha256:x' } }),
    changed({ annotations: { a: 1 } }),
    changed({ subject: 'sha256:x' }),
    changed({ manifests: [] }),
    changed({ layers: Array(5000).fill(parsed.layers[0]) }),
    changed({ mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' }),
  ]
  const put = { method: 'PUT', path: '/v2/user/app/manifests/v1' } as const
  const headers = { 'Content-Type': mediaTypes.ociManifest }
  await answersAs(registry, [
    ...bodies.map((body) => ({ ...put, headers, body, status: 400, code: 'MANIFEST_INVALID' })),
    { ...put, headers: { 'Content-Type': mediaTypes.ociIndex }, body: image, status: 400, code: 'MANIFEST_INVALID' },
    { ...put, headers, body: ' '.repeat((4 << 20) + 1), status: 413, code: 'MANIFEST_INVALID' },
    { ...put, path: `/v2/user/app/manifests/${valid}`, headers, body: image, status: 400, code: 'DIGEST_INVALID' },
    {
      ...put,
      path: `/v2/user/app/manifests/${digestOf(image)}?tag=-v1`,
      headers,
      body: image,
      status: 400,
      code: 'TAG_INVALID',
    },
  ])
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
  assert.deepEqual(await send(registry, { ...put, headers, body: deep, status: 400, code: '' }), [
    400,
    'MANIFEST_INVALID',
  ])
})

test('ranges of chunks and of blobs that are none are refused, or passed over, as HTTP has it', async () => {
  await using registry = await startTestRegistry()
  const digest = await pushBlob(registry, 'user/app', '0123456789')
  const begun = await registry.call('POST', '/v2/user/app/blobs/uploads/')
  const path = begun.headers.get('location') ?? ''
  const chunk = (range: string, status: number, code: string): Case => ({
    method: 'PATCH',
    path,
    headers: { 'Content-Range': range },
    body: 'abc',
    status,
    code,
  })
  await answersAs(registry, [
    chunk('0-', 400, 'BLOB_UPLOAD_INVALID'),
    chunk('2-0', 400, 'BLOB_UPLOAD_INVALID'),
    chunk('-3', 400, 'BLOB_UPLOAD_INVALID'),
    chunk(`0-${'9'.repeat(30)}`, 400, 'BLOB_UPLOAD_INVALID'),
    chunk('0-9', 400, 'SIZE_INVALID'),
    chunk('1-3', 416, 'RANGE_INVALID'),
    {
      method: 'GET',
      path: `/v2/user/app/blobs/${digest}`,
      headers: { Range: 'bytes=10-' },
      status: 416,
      code: 'RANGE_INVALID',
    },
  ])
  for (const range of ['bytes=', 'bytes=a-b', 'bytes=3-1', 'bytes', `bytes=${'0-9,'.repeat(2000)}0-9`]) {
    const whole = await registry.call('GET', `/v2/user/app/blobs/${digest}`, { headers: { Range: range } })
    assert.deepEqual([whole.status, await whole.text()], [200, '0123456789'], range.slice(0, 40))
  }
})

test('credentials that are none are refused, and no error says more than that', async () => {
  await using registry = await startTestRegistry()
  for (const value of [
    'Basic',
    'Basic !!!',
    'Basic bm9jb2xvbg==',
    'Bearer',
    'Digest x',
    basic('a', ''),
    `Bearer ${'x'.repeat(20_000)}`,
  ]) {
    const response = await registry.call('GET', '/v2/', { headers: { Authorization: value } })
    assert.equal(response.status, 401, value.slice(0, 40))
    assert.equal(await errorCode(response), 'UNAUTHORIZED')
  }
  const form = await registry.call('POST', '/token', { body: 'x'.repeat(20_000) })
  assert.equal(form.status, 413)
})

/** What comes back for bytes as they are. */
const sendRaw = async (registry: TestRegistry, bytes: string): Promise<string> => {
  const socket = connect(Number(new URL(registry.url).port), '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

test('what is no HTTP is 400, headers without end are refused, and the registry goes on', async () => {
  await using registry = await startTestRegistry()
  const post = 'POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n'
  for (const [bytes, status] of [
    ['nonsense\r\n\r\n', 400],
    ['GET /v2/ HTTP/1.1\r\n\r\n', 400],
    [`${post}Content-Length: -1\r\n\r\n`, 400],
    [`${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, 400],
    [`${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    [`${post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 400],
    [`${post}Na me: x\r\n\r\n`, 400],
    [`GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(200_000)}\r\n\r\n`, 431],
    [`GET /v2/${'x'.repeat(200_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ] as const) {
    const answer = await sendRaw(registry, bytes)
    assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), `${bytes.slice(0, 90)}: ${answer.slice(0, 60)}`)
  }
  assert.equal((await registry.call('GET', '/v2/')).status, 200)
})

test('a client that stops in the middle of a manifest is told so, and sent away', async () => {
  await using registry = await startTestRegistry({ silenceMs: 50 })
  const answer = await sendRaw(
    registry,
    `PUT /v2/user/app/manifests/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: ${mediaTypes.ociManifest}\r\nContent-Length: 1000\r\n\r\n{"schema`,
  )
  assert.match(answer, /^HTTP\/1\.1 408 /)
  assert.match(answer, /"errors":\[\{"code":"REQUEST_INVALID"/)
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/v1')).status, 404)
})

test('a client that stops in the middle of a chunk is sent away, and what came is kept', async () => {
  await using registry = await startTestRegistry({ silenceMs: 1000 })
  const begun = await registry.call('POST', '/v2/user/app/blobs/uploads/')
  const location = begun.headers.get('location') ?? ''
  const head = `PATCH ${location} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`
  await sendRaw(registry, `${head}0123456789`)
  // The end of a connection is noticed a moment later.
  let range: string | null = null
  for (let tries = 0; range !== '0-9' && tries < 3000; tries += 1) {
    range = (await registry.call('GET', location)).headers.get('range')
    await sleep(20)
  }
  assert.equal(range, '0-9')
})

/** Sends a head, and then a byte now and then until it is answered; resolves with all that came when the connection has ended. */
const drip = async (registry: TestRegistry, head: string): Promise<string> => {
  const socket = connect(Number(new URL(registry.url).port), '127.0.0.1')
  socket.write(`${head} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`)
  const dripping = setInterval(() => socket.write(' '), 10)
  socket.once('data', () => clearInterval(dripping))
  return text(socket)
}

test('whoever drips what is read as a whole is told so, and sent away', async () => {
  await using registry = await startTestRegistry({ settings: { bodyMs: 50 }, silenceMs: 60_000 })
  for (const head of ['PUT /v2/user/app/manifests/v1', 'POST /token', 'POST /api/v1/session']) {
    const answer = await drip(registry, head)
    assert.match(answer, /^HTTP\/1\.1 408 /, head)
    assert.match(answer, /Connection: close/, head)
  }
})

test('whoever drips a blob is told so, and sent away; what came is kept', async () => {
  const uploadPace = { bytesPerSecond: 5000, overMs: 100 }
  await using registry = await startTestRegistry({ settings: { uploadPace }, silenceMs: 60_000 })
  const location = (await registry.call('POST', '/v2/user/app/blobs/uploads/')).headers.get('location') ?? ''
  const answer = await drip(registry, `PATCH ${location}`)
  assert.match(answer, /^HTTP\/1\.1 408 /)
  assert.match(answer, /Connection: close/)
  assert.match(answer, /the upload comes too slowly/)
  const status = await registry.call('GET', location)
  assert.equal(status.status, 204)
  assert.match(status.headers.get('range') ?? '', /^0-[1-9]/)
  await using patient = await startTestRegistry({ settings: { uploadPace: { bytesPerSecond: 0, overMs: 0 } } })
  const url = (await patient.call('POST', '/v2/user/app/blobs/uploads/')).headers.get('location') ?? ''
  assert.equal((await patient.call('PATCH', url, { body: 'x'.repeat(1000) })).status, 202)
})

test('a manifest that never ends is refused after 4 MiB, and its connection is of use to nobody any more', async () => {
  await using registry = await startTestRegistry()
  const socket = connect(Number(new URL(registry.url).port), '127.0.0.1')
  socket.write('PUT /v2/user/app/manifests/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
  let answer = ''
  socket.on('data', (bytes) => {
    answer += bytes
  })
  for (let sent = 0; sent < 80 && answer === ''; sent += 1) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'data')])
  }
  if (answer === '') await once(socket, 'data')
  socket.destroy()
  assert.match(answer, /^HTTP\/1\.1 413 /)
})
