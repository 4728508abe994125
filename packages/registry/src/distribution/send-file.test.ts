import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Digest, digestOf } from '@slipway/core'
import { pushBlob, startTestRegistry, type TestRegistry } from '../testing.ts'

/** More than a connection takes at once, with an odd end. */
const bytes = randomBytes((12 << 20) + 7)

const pathOf = (digest: Digest): string => `/v2/user/app/blobs/${digest}`

const fetchBlob = async (registry: TestRegistry, headers: Record<string, string> = {}): Promise<Buffer> =>
  Buffer.from(await (await registry.call('GET', pathOf(digestOf(bytes)), { headers })).arrayBuffer())

/** Takes a bit, and rests. */
const fetchSlowly = async (registry: TestRegistry): Promise<Buffer> => {
  const [response] = (await once(get(`${registry.url}${pathOf(digestOf(bytes))}`), 'response')) as [IncomingMessage]
  const pieces: Buffer[] = []
  for await (const piece of response) {
    pieces.push(piece as Buffer)
    if (pieces.length % 40 === 0) await sleep(5)
  }
  return Buffer.concat(pieces)
}

/** What files and connections of ours are open. */
const openObjects = (registry: TestRegistry): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${registry.dataRoot}/content/objects`)
    } catch {
      return false
    }
  }).length

const dial = async ({ url }: TestRegistry): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

test('a blob comes to the byte, to many at once, some of them slow', async () => {
  await using registry = await startTestRegistry()
  await pushBlob(registry, 'user/app', bytes)
  const quick = Array.from({ length: 6 }, () => fetchBlob(registry))
  const slow = Array.from({ length: 3 }, () => fetchSlowly(registry))
  for (const got of await Promise.all([...quick, ...slow])) assert.ok(got.equals(bytes))
})

test('ranges of a large blob come to the byte, alone and together', async () => {
  await using registry = await startTestRegistry()
  await pushBlob(registry, 'user/app', bytes)
  const most = await fetchBlob(registry, { Range: 'bytes=5-12000000' })
  assert.ok(most.equals(bytes.subarray(5, 12_000_001)))
  const together = await fetchBlob(registry, { Range: 'bytes=1-3000000,4000000-4000009,-2000000' })
  for (const [start, end] of [
    [1, 3_000_001],
    [4_000_000, 4_000_010],
    [bytes.length - 2_000_000, bytes.length],
  ] as const) {
    const head = Buffer.from(`Content-Range: bytes ${start}-${end - 1}/${bytes.length}\r\n\r\n`)
    const at = together.indexOf(head) + head.length
    assert.ok(together.subarray(at, at + end - start).equals(bytes.subarray(start, end)), `from ${start}`)
  }
})

test('requests that are sent together are answered in their order, bytes and all', async () => {
  await using registry = await startTestRegistry()
  await pushBlob(registry, 'user/app', bytes)
  const socket = await dial(registry)
  const ask = (path: string, end = '') => `GET ${path} HTTP/1.1\r\nHost: registry\r\n${end}\r\n`
  const blob = ask(pathOf(digestOf(bytes)))
  socket.write(`${ask('/v2/')}${blob}${blob}${ask('/v2/', 'Connection: close\r\n')}`)
  let answers = await buffer(socket)
  for (const expected of [Buffer.from('{}\n'), bytes, bytes, Buffer.from('{}\n')]) {
    const end = answers.indexOf('\r\n\r\n') + 4
    const head = answers.subarray(0, end).toString()
    assert.match(head, /^HTTP\/1\.1 200 /)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
    assert.ok(answers.subarray(end, end + length).equals(expected), head)
    answers = answers.subarray(end + length)
  }
  assert.equal(answers.length, 0)
})

test('a client that goes away in the middle leaves nothing open, and disturbs nobody', async () => {
  await using registry = await startTestRegistry()
  await pushBlob(registry, 'user/app', bytes)
  const others = [fetchBlob(registry), fetchSlowly(registry)]
  for (let round = 0; round < 10; round += 1) {
    const socket = await dial(registry)
    socket.write(`GET ${pathOf(digestOf(bytes))} HTTP/1.1\r\nHost: registry\r\n\r\n`)
    await once(socket, 'data')
    if (round % 2 === 0) socket.destroy()
    else socket.resetAndDestroy()
  }
  for (const got of await Promise.all(others)) assert.ok(got.equals(bytes))
  while (openObjects(registry) > 0) await sleep(10)
})

test('what was sent from files is in the figures', async () => {
  await using registry = await startTestRegistry()
  await pushBlob(registry, 'user/app', bytes)
  await fetchBlob(registry)
  const figures = await (await registry.call('GET', '/metrics')).text()
  const sent = Number(/^slipway_registry_bytes_total\{direction="sent"\} (\d+)$/m.exec(figures)?.[1])
  assert.ok(sent > bytes.length && sent < bytes.length + 10_000, `${sent}`)
})
