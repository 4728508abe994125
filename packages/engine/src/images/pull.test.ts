import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { chainIds, parseReference } from '@slipway/core'
import { startRegistry } from '@slipway/registry'
import { pullImage } from './pull.ts'
import { pushImage } from './push.ts'
import { removeImage } from './remove.ts'
import { openHarbour, tarOf } from './testing/harbour.ts'
import { openHeldRegistry } from './testing/held-registry.ts'

const makeTar = (content: string | Buffer): Promise<Buffer> => buffer(tarOf({ file: content }))

/** Resolves when the message comes, which says how far a pull is. */
const listen = () => {
  const waiting = new Map<string, () => void>()
  return {
    report: ({ id = '', status = '' }: { id?: string; status?: string }): void => waiting.get(`${id}: ${status}`)?.(),
    heard: (id: string, status: string): Promise<void> =>
      new Promise((resolve) => waiting.set(`${id}: ${status}`, resolve)),
  }
}

const short = (digest: string): string => digest.slice(7, 19)

test('an aborted pull keeps the layers that were finished', async () => {
  const tars = [await makeTar('one'), await makeTar(randomBytes(200_000))]
  await using registry = await openHeldRegistry({ tars })
  await using harbour = await openHarbour()
  const [first, second] = registry.layers
  assert.ok(first && second)
  const release = registry.hold(second.digest)
  const reference = parseReference(`${registry.address}/user/web:v1`)
  const { report, heard } = listen()
  const controller = new AbortController()
  const finished = heard(short(first.digest), 'Pull complete')
  const pulling = pullImage(harbour.room, { reference, report, signal: controller.signal })
  await Promise.race([finished, pulling])
  controller.abort()
  await assert.rejects(pulling, { name: 'AbortError' })
  assert.deepEqual(await harbour.room.store.list(), [])
  assert.equal((await Array.fromAsync(harbour.room.store.snapshots.list())).length, 1)

  release()
  const before = registry.asked.length
  await pullImage(harbour.room, { reference })
  assert.ok(!registry.asked.slice(before).includes(first.digest))
})

test('a pull that waits for what another one fetches is cancelled at once, and the other goes on', async () => {
  await using registry = await openHeldRegistry({ tars: [await makeTar(randomBytes(200_000))] })
  await using harbour = await openHarbour()
  const [layer] = registry.layers
  assert.ok(layer)
  const release = registry.hold(layer.digest)
  const reference = parseReference(`${registry.address}/user/web:v1`)
  const [one, other] = [listen(), listen()]
  const isFetching = one.heard(short(layer.digest), 'Downloading')
  const first = pullImage(harbour.room, { reference, report: one.report })
  await Promise.race([isFetching, first])
  const controller = new AbortController()
  const isWaiting = other.heard(short(layer.digest), 'Pulling fs layer')
  const second = pullImage(harbour.room, { reference, report: other.report, signal: controller.signal })
  await Promise.race([isWaiting, second])
  controller.abort()
  await assert.rejects(second, { name: 'AbortError' })
  assert.deepEqual(await harbour.room.store.list(), [])
  release()
  await first
  assert.equal((await harbour.room.store.list()).length, 1)
})

test('two pulls of one image at once fetch it once', async () => {
  await using registry = await openHeldRegistry({ tars: [await makeTar(randomBytes(200_000)), await makeTar('two')] })
  await using harbour = await openHarbour()
  const reference = parseReference(`${registry.address}/user/web:v1`)
  const images = await Promise.all([1, 2, 3].map(() => pullImage(harbour.room, { reference })))
  assert.equal(new Set(images.map(({ id }) => id)).size, 1)
  assert.deepEqual(await Array.fromAsync(harbour.room.store.content.ingests()), [])
  assert.equal((await Array.fromAsync(harbour.room.store.snapshots.list())).length, 2)
})

test('a blob that stands in the stack more than once is fetched and told of once', async () => {
  const [empty, layer] = [await buffer(tarOf({})), await makeTar('x')]
  await using registry = await openHeldRegistry({ tars: [empty, layer, empty] })
  await using harbour = await openHarbour()
  const reference = parseReference(`${registry.address}/user/web:v1`)
  await pullImage(harbour.room, { reference, report: harbour.report })
  const id = short(registry.layers[0]?.digest ?? '')
  const told = harbour.messages.filter((message) => message.id === id).map(({ status }) => status)
  assert.deepEqual(
    told.filter((status) => status !== 'Downloading' && status !== 'Extracting'),
    ['Pulling fs layer', 'Verifying Checksum', 'Download complete', 'Pull complete'],
  )
  assert.equal((await Array.fromAsync(harbour.room.store.snapshots.list())).length, 3)
  // The config and two blobs.
  assert.equal(registry.asked.length, 3)
  assert.equal(new Set(registry.asked).size, 3)
})

test('a foreign layer is fetched where it is, and not pushed', async () => {
  const [foreign, own] = [await makeTar('foreign'), await makeTar('own')]
  const far = createServer((_, response) => response.end(gzipSync(foreign))).listen(0, '127.0.0.1')
  await once(far, 'listening')
  try {
    const url = `http://127.0.0.1:${(far.address() as AddressInfo).port}/layer`
    await using registry = await openHeldRegistry({ tars: [foreign, own], elsewhere: { 0: url } })
    await using harbour = await openHarbour()
    const { room, report, messages } = harbour
    const image = await pullImage(room, { reference: parseReference(`${registry.address}/user/web:v1`) })
    await using target = await startRegistry({
      listen: { host: '127.0.0.1', port: 0 },
      dataRoot: join(harbour.root, 'registry'),
    })
    const reference = parseReference(`${target.address}/user/web:v1`)
    await room.store.tag(reference, image.id)
    // What a registry makes of a manifest whose layer it has not got is its own business.
    await pushImage(room, { reference, report }).catch(() => undefined)
    assert.deepEqual(
      messages
        .filter(({ status = '' }) => /foreign|Pushed/.test(status))
        .map(({ status, id }) => `${id}: ${status}`)
        .sort(),
      [
        `${short(image.config.rootfs.diff_ids[0] ?? '')}: Skipped foreign layer`,
        `${short(image.config.rootfs.diff_ids[1] ?? '')}: Pushed`,
      ].sort(),
    )
  } finally {
    far.closeAllConnections()
    far.close()
  }
})

test('a layer whose files are here still is told of in the same order, when its blob has come', async () => {
  await using registry = await openHeldRegistry({ tars: [await makeTar('one'), await makeTar('two')] })
  await using harbour = await openHarbour()
  const { room } = harbour
  const reference = parseReference(`${registry.address}/user/web:v1`)
  const { id, config } = await pullImage(room, { reference })
  // As the builder's cache holds what it stands on.
  await using lease = room.store.leases.take('test')
  for (const name of chainIds(config.rootfs.diff_ids)) lease.hold({ kind: 'snapshot', name })
  await removeImage(room, id, { force: true, noPrune: false })
  const told: string[] = []
  await pullImage(room, { reference, report: ({ id = '', status = '' }) => told.push(`${id}: ${status}`) })
  for (const { digest } of registry.layers) {
    const own = told.filter((line) => line.startsWith(short(digest)) && !line.endsWith('Downloading'))
    const words = ['Pulling fs layer', 'Verifying Checksum', 'Download complete', 'Pull complete']
    assert.deepEqual(
      own,
      words.map((status) => `${short(digest)}: ${status}`),
    )
  }
})
