import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { digestOf, mediaTypes, parseReference } from '@slipway/core'
import { type ConnectOptions, connectRegistry, type RemoteRegistry } from './registry.ts'
import { descriptorOf, seedImage, sendError, startTinyRegistry, type TinyRegistry } from './testing/tiny-registry.ts'

const quick = { attempts: 4, firstDelay: 2, longestDelay: 3000 }
const connect = (registry: TinyRegistry, options: Partial<ConnectOptions> = {}): RemoteRegistry =>
  connectRegistry({ registry: registry.host, repository: 'user/web', retry: quick, ...options })

const reference = parseReference('registry.example/user/web:v1')
const isBlobGet = (line: string): boolean => /^GET .*\/blobs\//.test(line)

test('resolve() and fetch() give the very manifest and blobs that are there', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(300_000)
  const manifest = seedImage(registry, 'user/web:v1', [layer])
  await using remote = connect(registry)
  assert.deepEqual(await remote.resolve(reference), manifest)
  assert.equal(digestOf(await buffer(await remote.fetch(manifest))), manifest.digest)
  assert.deepEqual(await buffer(await remote.fetch(descriptorOf(layer))), layer)
  assert.deepEqual(await buffer(await remote.fetch(descriptorOf(layer), { start: 5, end: 9 })), layer.subarray(5, 10))
  assert.deepEqual(await remote.tags(), ['v1', 'v2'])
})

test('resolve() asks with GET when HEAD is not enough', async () => {
  await using registry = await startTinyRegistry()
  const manifest = seedImage(registry, 'user/web:v1', [])
  registry.intercept = (request, response) => {
    if (request.method !== 'HEAD') return false
    response.writeHead(405).end()
    return true
  }
  await using remote = connect(registry)
  assert.deepEqual(await remote.resolve(reference), manifest)
})

test('resolve() of an unknown tag says so in docker’s words', async () => {
  await using registry = await startTinyRegistry()
  await using remote = connect(registry)
  await assert.rejects(remote.resolve(reference), {
    code: 'not-found',
    message: 'manifest for registry.example/user/web:v1 not found: manifest unknown: manifest unknown',
  })
})

test('resolve() of what is denied says so in docker’s words', async () => {
  await using registry = await startTinyRegistry()
  registry.intercept = (_, response, url) =>
    url.pathname !== '/v2/' && sendError(response, 403, 'DENIED', 'requested access to the resource is denied')
  await using remote = connect(registry)
  await assert.rejects(remote.resolve(parseReference('user/web:v1')), {
    code: 'not-found',
    message:
      "pull access denied for user/web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  })
})

test('resolve() by digest refuses other bytes', async () => {
  await using registry = await startTinyRegistry()
  const manifest = seedImage(registry, 'user/web:v1', [])
  const other = digestOf('another')
  const stored = registry.manifests.get(`user/web/${manifest.digest}`)
  assert.ok(stored)
  registry.manifests.set(`user/web/${other}`, stored)
  await using remote = connect(registry)
  await assert.rejects(remote.resolve({ ...reference, digest: other }), /manifest verification failed for digest/)
})

test('a manifest of more than 4 MiB is read; one without an end is not', async () => {
  await using registry = await startTinyRegistry()
  const manifest = seedImage(registry, 'user/web:v1', [], { annotations: { long: 'x'.repeat(5 << 20) } })
  await using remote = connect(registry)
  assert.deepEqual(await remote.resolve(reference), manifest)
  assert.equal((await buffer(await remote.fetch(manifest))).length, manifest.size)

  registry.intercept = (request, response, url) => {
    if (!url.pathname.includes('/manifests/')) return false
    response.setHeader('content-type', mediaTypes.ociManifest)
    const more = (): void => void (response.destroyed || response.write(' '.repeat(1 << 16), () => setImmediate(more)))
    if (request.method === 'HEAD') response.end()
    else more()
    return true
  }
  await using again = connect(registry)
  await assert.rejects(again.resolve(reference), { code: 'too-large' })
})

test('a 429 in the middle of an image is waited for', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(1000)
  seedImage(registry, 'user/web:v1', [layer])
  let refused = 0
  registry.intercept = (_, response, url) => {
    if (!url.pathname.includes('/blobs/') || refused === 2) return false
    refused += 1
    response.setHeader('retry-after', '0')
    return sendError(response, 429, 'TOOMANYREQUESTS', 'slow down')
  }
  await using remote = connect(registry)
  assert.deepEqual(await buffer(await remote.fetch(descriptorOf(layer))), layer)
  assert.equal(refused, 2)
})

test('what a registry may not give on is fetched where the descriptor says, without the Authorization', async () => {
  await using registry = await startTinyRegistry()
  await using far = await startTinyRegistry()
  const layer = randomBytes(1000)
  const seen: (string | undefined)[] = []
  far.intercept = (request, response, url) => {
    seen.push(`${url.pathname} ${request.headers.authorization}`)
    if (url.pathname === '/layer') response.end(layer)
    else response.writeHead(404).end()
    return true
  }
  const urls = ['file:///etc/passwd', 'no address', `http://${far.host}/gone`, `http://${far.host}/layer`]
  await using remote = connect(registry, { credentials: { username: 'ada', password: 'secret' } })
  assert.deepEqual(await buffer(await remote.fetch({ ...descriptorOf(layer), urls })), layer)
  assert.deepEqual(seen, ['/gone undefined', '/layer undefined'])
  await assert.rejects(remote.fetch({ ...descriptorOf(layer), urls: urls.slice(0, 3) }), { code: 'not-found' })
})

test('fetch() goes on where a cut connection stopped', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(500_000)
  seedImage(registry, 'user/web:v1', [layer])
  const ranges: (string | undefined)[] = []
  registry.intercept = (request, response, url) => {
    if (!url.pathname.endsWith(digestOf(layer)) || request.method !== 'GET') return false
    ranges.push(request.headers.range)
    if (ranges.length > 2) return false
    const start = ranges.length === 1 ? 0 : 100_000
    response.writeHead(ranges.length === 1 ? 200 : 206, {
      'content-length': layer.length - start,
      'content-range': `bytes ${start}-${layer.length - 1}/${layer.length}`,
    })
    response.write(layer.subarray(start, start + 100_000), () => response.destroy())
    return true
  }
  await using remote = connect(registry)
  assert.deepEqual(await buffer(await remote.fetch(descriptorOf(layer))), layer)
  assert.deepEqual(ranges, [undefined, 'bytes=100000-499999', 'bytes=200000-499999'])
})

test('fetch() throws away what it has when the registry knows no ranges', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(400_000)
  seedImage(registry, 'user/web:v1', [layer])
  let requests = 0
  registry.intercept = (_, response, url) => {
    if (!url.pathname.endsWith(digestOf(layer))) return false
    requests += 1
    response.writeHead(200, { 'content-length': layer.length })
    if (requests === 1) response.write(layer.subarray(0, 90_000), () => response.destroy())
    else response.end(layer)
    return true
  }
  await using remote = connect(registry)
  assert.deepEqual(await buffer(await remote.fetch(descriptorOf(layer))), layer)
})

test('fetch() gives up on a connection that never moves forward', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(1000)
  seedImage(registry, 'user/web:v1', [layer])
  registry.intercept = (_, response, url) => {
    if (!url.pathname.includes('/blobs/')) return false
    response.writeHead(200, { 'content-length': layer.length })
    response.flushHeaders()
    setTimeout(() => response.destroy(), 2)
    return true
  }
  await using remote = connect(registry)
  await assert.rejects(
    remote.fetch(descriptorOf(layer)).then((stream) => buffer(stream)),
    { code: 'unavailable' },
  )
})

test('fetch() refuses bytes that are not the digest’s', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(70_000)
  const corrupted = Buffer.from(layer)
  corrupted[60_000] = (corrupted[60_000] ?? 0) ^ 1
  registry.blobs.set(digestOf(layer), corrupted)
  await using remote = connect(registry)
  await assert.rejects(buffer(await remote.fetch(descriptorOf(layer))), {
    code: 'invalid',
    message: `filesystem layer verification failed for digest ${digestOf(layer)}`,
  })
})

test('fetch() refuses a blob of another length than promised', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(1000)
  registry.blobs.set(digestOf(layer), layer)
  await using remote = connect(registry)
  await assert.rejects(remote.fetch({ ...descriptorOf(layer), size: 999 }), { code: 'invalid' })
  registry.intercept = (_, response, url) => {
    if (!url.pathname.includes('/blobs/')) return false
    response.writeHead(200, { 'transfer-encoding': 'chunked' })
    response.end(Buffer.concat([layer, layer]))
    return true
  }
  await assert.rejects(buffer(await remote.fetch(descriptorOf(layer))), { code: 'invalid' })
})

test('fetch() of a blob that is not there throws not-found', async () => {
  await using registry = await startTinyRegistry()
  await using remote = connect(registry)
  await assert.rejects(remote.fetch(descriptorOf('nothing')), { code: 'not-found' })
})

test('a 5xx is tried again, and given up after a few times', async () => {
  await using registry = await startTinyRegistry()
  const manifest = seedImage(registry, 'user/web:v1', [])
  let failures = 2
  registry.intercept = (_, response, url) => {
    if (url.pathname === '/v2/' || failures === 0) return false
    failures -= 1
    response.writeHead(503).end('<html>')
    return true
  }
  await using remote = connect(registry)
  assert.deepEqual(await remote.resolve(reference), manifest)
  failures = 100
  await assert.rejects(remote.resolve(reference), {
    code: 'unavailable',
    message: 'received unexpected HTTP status: 503 Service Unavailable',
  })
  assert.equal(failures, 96)
})

test('a 429 is given the time it asks for', async () => {
  await using registry = await startTinyRegistry()
  const manifest = seedImage(registry, 'user/web:v1', [])
  const times: number[] = []
  registry.intercept = (_, response, url) => {
    if (url.pathname === '/v2/') return false
    times.push(performance.now())
    if (times.length > 1) return false
    response.setHeader('retry-after', '1')
    return sendError(response, 429, 'TOOMANYREQUESTS', 'slow down')
  }
  await using remote = connect(registry)
  assert.deepEqual(await remote.resolve(reference), manifest)
  assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 990)
})

test('a 429 that asks for too much time is an error at once', async () => {
  await using registry = await startTinyRegistry()
  registry.intercept = (_, response, url) => {
    if (url.pathname === '/v2/') return false
    response.setHeader('retry-after', '86400')
    return sendError(response, 429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.')
  }
  await using remote = connect(registry)
  await assert.rejects(remote.resolve(reference), {
    code: 'rate-limited',
    message: 'toomanyrequests: You have reached your pull rate limit.',
  })
})

test('a redirect to another host is followed without the Authorization', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(1000)
  let seen: string | undefined = 'nothing'
  const store = createServer((request, response) => {
    seen = request.headers.authorization
    response.end(layer)
  })
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
  try {
    const location = `http://127.0.0.1:${(store.address() as AddressInfo).port}/presigned?x=1`
    registry.intercept = (request, response, url) => {
      if (request.headers.authorization === undefined) {
        response.setHeader('www-authenticate', 'Basic realm="tiny"')
        return sendError(response, 401, 'UNAUTHORIZED', 'authentication required')
      }
      if (!url.pathname.includes('/blobs/')) return false
      response.writeHead(307, { location }).end()
      return true
    }
    await using remote = connect(registry, { credentials: { username: 'ada', password: 'secret' } })
    assert.deepEqual(await buffer(await remote.fetch(descriptorOf(layer))), layer)
    assert.equal(seen, undefined)
  } finally {
    store.closeAllConnections()
    store.close()
  }
})

test('a redirect loop ends', async () => {
  await using registry = await startTinyRegistry()
  registry.intercept = (_, response, url) => {
    if (url.pathname === '/v2/') return false
    response.writeHead(307, { location: url.pathname }).end()
    return true
  }
  await using remote = connect(registry)
  await assert.rejects(remote.fetch(descriptorOf('x')), /stopped after 5 redirects/)
  assert.equal(registry.log.filter(isBlobGet).length, 6)
})

test('a registry that is away is named, as docker does', async () => {
  const registry = await startTinyRegistry()
  await registry[Symbol.asyncDispose]()
  await using remote = connect(registry)
  await assert.rejects(remote.resolve(reference), {
    code: 'unavailable',
    message: `Get "http://${registry.host}/v2/": dial tcp ${registry.host}: connect: connection refused`,
  })
})

test('an abort ends a fetch', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(1_000_000)
  registry.intercept = (_, response, url) => {
    if (!url.pathname.includes('/blobs/')) return false
    response.writeHead(200, { 'content-length': layer.length })
    response.write(layer.subarray(0, 1000))
    return true
  }
  const controller = new AbortController()
  await using remote = connect(registry, { signal: controller.signal })
  const stream = await remote.fetch(descriptorOf(layer))
  setTimeout(() => controller.abort(), 20)
  await assert.rejects(buffer(stream), { name: 'AbortError' })
})

test('push() sends small and large blobs, and tag() names the manifest', async () => {
  await using registry = await startTinyRegistry()
  await using remote = connect(registry)
  const small = randomBytes(1000)
  const large = randomBytes(3_000_000)
  for (const blob of [small, large]) {
    assert.equal(await remote.has(descriptorOf(blob)), false)
    await remote.push(descriptorOf(blob), Readable.from([blob.subarray(0, 700), blob.subarray(700)]))
    assert.equal(await remote.has(descriptorOf(blob)), true)
    assert.deepEqual(registry.blobs.get(digestOf(blob)), blob)
  }
  const manifest = Buffer.from('{"schemaVersion":2}')
  const descriptor = descriptorOf(manifest, 'application/vnd.oci.image.manifest.v1+json')
  await remote.push(descriptor, [manifest])
  await remote.tag(reference, descriptor)
  assert.deepEqual(registry.manifests.get('user/web/v1')?.bytes, manifest)
})

test('stream() sends bytes of which nobody knows the length yet, from memory that is used again', async () => {
  await using registry = await startTinyRegistry()
  const lengths: (string | undefined)[] = []
  registry.intercept = (request) => {
    if (request.method === 'PATCH') lengths.push(request.headers['content-length'])
    return false
  }
  await using remote = connect(registry)
  const layer = randomBytes(3_000_001)
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof descriptorOf>>()
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    const piece = Buffer.alloc(1 << 18)
    for (let at = 0; at < layer.length; at += piece.length) yield piece.subarray(0, layer.copy(piece, 0, at))
    resolve(descriptorOf(layer))
    piece.fill(0)
  }
  await remote.stream(pieces(), promise)
  assert.deepEqual(registry.blobs.get(digestOf(layer)), layer)
  assert.deepEqual(lengths, [undefined])
})

test('push() refuses bytes that are shorter than promised, and the registry keeps nothing', async () => {
  await using registry = await startTinyRegistry()
  await using remote = connect(registry)
  for (const size of [1000, 3_000_000]) {
    const blob = randomBytes(size)
    const short = Readable.from([blob.subarray(0, size - 1)])
    await assert.rejects(remote.push(descriptorOf(blob), short), { code: 'invalid' })
  }
  assert.equal(registry.blobs.size, 0)
})

test('mount() takes a blob of a sister repository, and push() uses the upload that a refused one opened', async () => {
  await using registry = await startTinyRegistry()
  await using remote = connect(registry)
  const there = randomBytes(10)
  registry.blobs.set(digestOf(there), there)
  const from = parseReference('registry.example/user/base')
  assert.equal(await remote.mount(descriptorOf(there), from), true)
  const other = randomBytes(11)
  assert.equal(await remote.mount(descriptorOf(other), from), false)
  await remote.push(descriptorOf(other), [other])
  assert.deepEqual(registry.blobs.get(digestOf(other)), other)
  assert.equal(registry.log.filter((line) => line.startsWith('POST')).length, 2)
})
