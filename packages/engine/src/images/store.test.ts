import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Digest, parseReference, type Reference } from '@slipway/core'
import { openHarbour, seedImage } from './testing/harbour.ts'

const web = parseReference('user/web:v1')

test('resolve() finds by name, id, beginning of an id, and the digest of a manifest', async () => {
  await using harbour = await openHarbour()
  const { store } = harbour.room
  const image = await seedImage(harbour, web)
  const manifest = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'ab'.repeat(32)}` as Digest,
    size: 2,
  }
  await store.rememberManifest(image.id, manifest)
  await store.name({ registry: 'docker.io', repository: 'user/web', digest: manifest.digest }, image.id)
  const names = [
    'user/web:v1',
    'docker.io/user/web:v1',
    image.id,
    image.id.slice(7),
    image.id.slice(7, 19),
    image.id.slice(0, 19),
    manifest.digest,
    `user/web@${manifest.digest}`,
    `user/web:other@${manifest.digest}`,
  ]
  for (const name of names) assert.equal((await store.resolve(name)).id, image.id, name)
})

test('resolve() of what is not there says what was looked for, with its tag', async () => {
  await using harbour = await openHarbour()
  const { store } = harbour.room
  const missing = `sha256:${'0'.repeat(64)}`
  const cases: readonly (readonly [string, string])[] = [
    ['nope', 'No such image: nope:latest'],
    ['user/nope:v2', 'No such image: user/nope:v2'],
    [missing, `No such image: ${missing}`],
    ['sha256:abc', 'No such image: sha256:abc'],
  ]
  for (const [name, message] of cases) await assert.rejects(store.resolve(name), { code: 'not-found', message })
  await assert.rejects(store.resolve('UPPER'), { code: 'invalid' })
  await assert.rejects(store.resolve(''), { code: 'invalid' })
})

test('resolve() refuses the beginning of several ids', async () => {
  await using harbour = await openHarbour()
  const { store } = harbour.room
  const seen = new Set<string>()
  for (let count = 0; ; count += 1) {
    const { id } = await seedImage(harbour, undefined, { file: String(count) })
    if (seen.has(id.slice(7, 8))) {
      await assert.rejects(store.resolve(id.slice(7, 8)), /multiple IDs found with provided prefix/)
      break
    }
    seen.add(id.slice(7, 8))
  }
})

test('a tag moves to the image that was named last, and everything is as it was after a restart', async () => {
  await using harbour = await openHarbour()
  const { store } = harbour.room
  const first = await seedImage(harbour, web)
  const second = await seedImage(harbour, web, { other: 'file' })
  assert.deepEqual((await store.get(first.id))?.references, [])
  assert.equal((await store.resolve('user/web:v1')).id, second.id)
  await store.tag({ registry: 'docker.io', repository: 'user/web' }, first.id)
  const again = await harbour.reopen()
  const byId = async (from: typeof store) => (await from.list()).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  assert.deepEqual(await byId(again), await byId(store))
  assert.equal((await again.resolve('user/web')).id, first.id)
  assert.equal(again.layerBytes(first.chainId as Digest), store.layerBytes(first.chainId as Digest))
})

test('the same config is the same image', async () => {
  await using harbour = await openHarbour()
  const { store } = harbour.room
  const image = await seedImage(harbour, web)
  await using lease = store.leases.take('test')
  assert.equal((await store.create({ config: image.config, lease })).id, image.id)
  assert.equal((await store.list()).length, 1)
})

test('create() refuses a config whose layers are not here', async () => {
  await using harbour = await openHarbour()
  const { store } = harbour.room
  await using lease = store.leases.take('test')
  const diff_ids = [`sha256:${'1'.repeat(64)}` as Digest]
  const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' as const, diff_ids } }
  await assert.rejects(store.create({ config, lease }), { code: 'not-found' })
  assert.deepEqual(await store.list(), [])
})

test('the collector takes what nothing refers to, and leaves what a lease or an image holds', async () => {
  await using harbour = await openHarbour()
  const { store, collector } = harbour.room
  const kept = await seedImage(harbour, web)
  const gone = await seedImage(harbour, undefined, { other: 'file' })
  const held: Reference = parseReference('user/held:v1')
  const leased = await seedImage(harbour, held, { third: 'file' })
  await using lease = store.leases.take('test')
  lease.hold({ kind: 'snapshot', name: leased.chainId as Digest })
  await store.forget(gone.id)
  await store.forget(leased.id)
  const { snapshots, reclaimed } = await collector.collect()
  assert.deepEqual(snapshots, [gone.chainId])
  assert.ok(reclaimed > 0)
  const names = (await Array.fromAsync(store.snapshots.list())).map(({ name }) => name)
  assert.deepEqual(names.toSorted(), [kept.chainId, leased.chainId].toSorted())
  assert.notEqual(await store.content.stat(kept.id), undefined)
  assert.equal(await store.content.stat(gone.id), undefined)
  await lease[Symbol.asyncDispose]()
  assert.deepEqual((await collector.collect()).snapshots, [leased.chainId])
})

test('recover() forgets the writes that a crash cut off', async () => {
  await using harbour = await openHarbour()
  const { store, collector } = harbour.room
  {
    await using ingest = await store.content.ingest('blob half')
    await ingest.write([Buffer.from('half of it')])
  }
  await collector.recover()
  assert.deepEqual(await Array.fromAsync(store.content.ingests()), [])
})
