import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, glob, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Digest, digestOf, mediaTypes, parseReference, type Reference } from '@slipway/core'
import { startRegistry } from '@slipway/registry'
import { parseRegistryRules } from '@slipway/remote'
import { pullImage } from './pull.ts'
import { pushImage } from './push.ts'
import { removeImage } from './remove.ts'
import { type Harbour, openHarbour, seedImage } from './testing/harbour.ts'

const startLocalRegistry = (harbour: Harbour) =>
  startRegistry({ listen: { host: '127.0.0.1', port: 0 }, dataRoot: join(harbour.root, 'registry') })

const statuses = ({ messages }: Harbour): readonly string[] =>
  messages.map(({ status, id }) => (id === undefined ? `${status}` : `${id}: ${status}`))

const force = { force: true, noPrune: false }
const short = (digest: string): string => digest.slice(7, 19)
const read = async ({ room }: Harbour, chainId: Digest, path: string): Promise<string> => {
  const [mount] = await room.store.snapshots.view(`test-${randomBytes(4).toString('hex')}`, chainId)
  return readFile(join(mount?.source ?? '', path), 'utf8')
}

test('what was pushed comes back the same, under the same id, with docker’s words', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const { room, report } = harbour
  const web: Reference = parseReference(`${registry.address}/user/web:v1`)
  const image = await seedImage(harbour, web, { index: 'hello', big: randomBytes(3_000_000) }, ['CMD ["web"]'])
  await pushImage(room, { reference: web, report })
  const [layer = ''] = image.config.rootfs.diff_ids
  const pushed = await room.store.resolve(image.id)
  const manifest = pushed.repoDigests[0]?.digest ?? ''
  const drawn = statuses(harbour).filter((line) => !line.endsWith(': Pushing'))
  const { size } = pushed.manifests[0] ?? {}
  assert.deepEqual(drawn, [
    `The push refers to repository [${registry.address}/user/web]`,
    `${short(layer)}: Preparing`,
    `${short(layer)}: Pushed`,
    `v1: digest: ${manifest} size: ${size}`,
    'undefined',
  ])
  assert.deepEqual(harbour.messages.at(-1)?.aux, { Tag: 'v1', Digest: manifest, Size: size })

  const before = pushed.manifests
  await removeImage(room, image.id, force)
  assert.deepEqual(await room.store.list(), [])
  assert.deepEqual(await Array.fromAsync(room.store.content.list()), [])
  assert.deepEqual(await Array.fromAsync(room.store.snapshots.list()), [])

  harbour.messages.length = 0
  const back = await pullImage(room, { reference: web, report })
  assert.equal(back.id, image.id)
  assert.deepEqual(back.manifests, before)
  assert.deepEqual(back.config, image.config)
  assert.equal(await read(harbour, image.chainId as Digest, 'index'), 'hello')
  const blob = short(room.store.layerBlobs(layer as Digest)[0]?.digest ?? '')
  assert.deepEqual(
    statuses(harbour).filter((line) => !/: (Downloading|Extracting)$/.test(line)),
    [
      'v1: Pulling from user/web',
      `${blob}: Pulling fs layer`,
      `${blob}: Verifying Checksum`,
      `${blob}: Download complete`,
      `${blob}: Pull complete`,
      `Digest: ${manifest}`,
      `Status: Downloaded newer image for ${registry.address}/user/web:v1`,
    ],
  )

  harbour.messages.length = 0
  await pullImage(room, { reference: web, report })
  assert.deepEqual(statuses(harbour), [
    'v1: Pulling from user/web',
    `Digest: ${manifest}`,
    `Status: Image is up to date for ${registry.address}/user/web:v1`,
  ])
})

test('a pulled image is pushed with the very bytes that came, mounted where it can be', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const { room, report } = harbour
  const one = parseReference(`${registry.address}/user/one:v1`)
  const image = await seedImage(harbour, one)
  await pushImage(room, { reference: one })
  await removeImage(room, image.id, force)
  await pullImage(room, { reference: one })
  const manifest = (await room.store.resolve(image.id)).repoDigests[0]?.digest

  const two = parseReference(`${registry.address}/user/two:v1`)
  await room.store.tag(two, image.id)
  harbour.messages.length = 0
  await pushImage(room, { reference: two, report })
  assert.ok(statuses(harbour).some((line) => line.endsWith(': Mounted from user/one')))
  assert.deepEqual(
    (await room.store.resolve(image.id)).repoDigests.map(({ digest }) => digest),
    [manifest, manifest],
  )
  harbour.messages.length = 0
  await pushImage(room, { reference: two, report })
  assert.ok(statuses(harbour).some((line) => line.endsWith(': Layer already exists')))
})

test('a layer that is here is not fetched again', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const { room, report } = harbour
  const base = parseReference(`${registry.address}/base:v1`)
  const seeded = await seedImage(harbour, base)
  await pushImage(room, { reference: base })
  const child = parseReference(`${registry.address}/child:v1`)
  await using lease = room.store.leases.take('test')
  const config = { ...seeded.config, author: 'someone else' }
  const made = await room.store.create({ config, lease })
  await room.store.tag(child, made.id)
  await pushImage(room, { reference: child })
  await removeImage(room, made.id, force)
  await pullImage(room, { reference: child, report })
  assert.equal(statuses(harbour).filter((line) => line.endsWith(': Already exists')).length, 1)
  assert.equal(statuses(harbour).filter((line) => line.endsWith(': Pulling fs layer')).length, 0)
})

test('a missing tag, a missing image and a registry that is away are told in docker’s words', async () => {
  await using harbour = await openHarbour()
  const registry = await startLocalRegistry(harbour)
  const { room } = harbour
  const nope = parseReference(`${registry.address}/user/nope:v9`)
  await assert.rejects(pullImage(room, { reference: nope }), { code: 'not-found' })
  await assert.rejects(pushImage(room, { reference: nope }), {
    code: 'not-found',
    message: `An image does not exist locally with the tag: ${registry.address}/user/nope`,
  })
  await seedImage(harbour, parseReference(`${registry.address}/user/nope:v1`))
  await assert.rejects(pushImage(room, { reference: nope }), /^SlipwayError: tag does not exist: .*nope:v9$/)
  await registry.close()
  await assert.rejects(pullImage(room, { reference: nope }), {
    code: 'unavailable',
    message: `Get "http://${registry.address}/v2/": dial tcp ${registry.address}: connect: connection refused`,
  })
})

test('docker.io can stand for another registry, and a mirror that has nothing is passed over', async () => {
  await using elsewhere = await openHarbour()
  await using registry = await startLocalRegistry(elsewhere)
  await using empty = await startRegistry({
    listen: { host: '127.0.0.1', port: 0 },
    dataRoot: join(elsewhere.root, 'empty'),
  })
  const rules = [{ prefix: 'docker.io', pull: [empty.address, registry.address], push: registry.address }]
  await using harbour = await openHarbour(rules)
  const { room, report } = harbour
  const web = parseReference('user/web:v1')
  const image = await seedImage(harbour, web)
  await pushImage(room, { reference: web, report })
  assert.equal(harbour.messages[0]?.status, 'The push refers to repository [docker.io/user/web]')
  await removeImage(room, image.id, force)
  assert.equal((await pullImage(room, { reference: web })).id, image.id)
  assert.equal((await room.store.resolve('user/web:v1')).id, image.id)
})

/** The file below a folder that has these bytes. */
const findFile = async (folder: string, digest: string): Promise<string> => {
  for await (const name of glob('**/*', { cwd: folder })) {
    const path = join(folder, name)
    if ((await stat(path)).isFile() && digestOf(await readFile(path)) === digest) return path
  }
  throw new Error(`no file below ${folder} has the digest ${digest}`)
}

test('a corrupted layer leaves nothing: no image, no snapshot, no blob', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const { room } = harbour
  const web = parseReference(`${registry.address}/user/web:v1`)
  const image = await seedImage(harbour, web, { big: randomBytes(100_000) })
  await pushImage(room, { reference: web })
  const blob = (await room.store.resolve(image.id)).manifests.find(
    ({ mediaType }) => mediaType === mediaTypes.dockerManifest,
  )
  assert.ok(blob)
  const [layer] = room.store
    .layerBlobs(image.config.rootfs.diff_ids[0] as Digest)
    .filter(({ mediaType }) => mediaType.endsWith('gzip'))
  assert.ok(layer)
  await removeImage(room, image.id, force)
  const path = await findFile(join(harbour.root, 'registry/content/objects'), layer.digest)
  const bytes = await readFile(path)
  bytes[500] = (bytes[500] ?? 0) ^ 1
  await chmod(path, 0o644)
  await writeFile(path, bytes)
  await assert.rejects(pullImage(room, { reference: web }), { code: 'invalid' })
  assert.deepEqual(await room.store.list(), [])
  await room.collector.collect()
  assert.deepEqual(await Array.fromAsync(room.store.content.list()), [])
  assert.deepEqual(await Array.fromAsync(room.store.snapshots.list()), [])
  assert.deepEqual(await Array.fromAsync(room.store.content.ingests()), [])
})

test('an aborted pull leaves no image', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const { room } = harbour
  const web = parseReference(`${registry.address}/user/web:v1`)
  const image = await seedImage(harbour, web, { big: randomBytes(5_000_000) })
  await pushImage(room, { reference: web })
  await removeImage(room, image.id, force)
  const controller = new AbortController()
  const report = ({ status }: { status?: string }): void => {
    if (status === 'Downloading') controller.abort()
  }
  await assert.rejects(pullImage(room, { reference: web, report, signal: controller.signal }), { name: 'AbortError' })
  assert.deepEqual(await room.store.list(), [])
  assert.equal((await pullImage(room, { reference: web })).id, image.id)
})

test('what was made here is pushed as zstd where a rule says so, and compressed once', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const registries = parseRegistryRules([{ prefix: registry.address, compression: 'zstd' }])
  const room = { ...harbour.room, registries }
  const web = parseReference(`${registry.address}/user/web:v1`)
  const image = await seedImage(harbour, web, { text: 'words '.repeat(10_000) })
  await pushImage(room, { reference: web })
  const [layer = ''] = image.config.rootfs.diff_ids
  const blobs = room.store.layerBlobs(layer as Digest)
  assert.deepEqual(
    blobs.map(({ mediaType }) => mediaType),
    [mediaTypes.ociLayer, mediaTypes.ociLayerZstd],
  )
  const other = parseReference(`${registry.address}/user/other:v1`)
  await room.store.tag(other, image.id)
  await pushImage(room, { reference: other })
  assert.deepEqual(room.store.layerBlobs(layer as Digest), blobs)

  await removeImage(room, image.id, force)
  const back = await pullImage(room, { reference: web })
  assert.equal(back.id, image.id)
  assert.equal((await read(harbour, back.chainId as Digest, 'text')).length, 60_000)
})

test('an image for another platform than the one asked for is not pushed', async () => {
  await using harbour = await openHarbour()
  const web = parseReference('127.0.0.1:1/user/web:v1')
  await seedImage(harbour, web)
  await assert.rejects(pushImage(harbour.room, { reference: web, platform: { os: 'linux', architecture: 's390x' } }), {
    code: 'not-found',
    message: /does not match the specified platform \(linux\/s390x\)$/,
  })
})
