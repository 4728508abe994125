import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { type Descriptor, digestOf, hostPlatform, mediaTypes, parseReference, type Reference } from '@slipway/core'
import { startRegistry } from '@slipway/registry'
import { connectRegistry } from '@slipway/remote'
import { copyImage, parseManifest } from '@slipway/transfer'
import { loadImages } from './archive/load.ts'
import { saveImages } from './archive/save.ts'
import { localSource } from './outgoing.ts'
import { pullImage } from './pull.ts'
import { pushImage } from './push.ts'
import { removeImage } from './remove.ts'
import { type Harbour, openHarbour, seedImage } from './testing/harbour.ts'

const startLocalRegistry = (harbour: Harbour) =>
  startRegistry({ listen: { host: '127.0.0.1', port: 0 }, dataRoot: join(harbour.root, 'registry') })

/** In front of a registry: sees every request, and may refuse those whose length it isn't told, as some do. */
const openGate = async (address: string, refusesChunks: boolean) => {
  const seen: { readonly method: string; readonly isChunked: boolean }[] = []
  const [hostname = '', port = ''] = address.split(':')
  const server = createServer((from, to) => {
    const isChunked = from.headers['transfer-encoding'] === 'chunked'
    seen.push({ method: from.method ?? '', isChunked })
    if (isChunked && refusesChunks) {
      to.writeHead(411, { connection: 'close' }).end()
      return
    }
    const { url: path, method, headers } = from
    const behind = ask({ hostname, port, path, method, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(to)
    })
    behind.once('error', () => to.destroy())
    from.pipe(behind)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

for (const refusesChunks of [false, true]) {
  const name = refusesChunks
    ? 'a registry that takes nothing of unknown length gets a layer when it is compressed'
    : 'a layer goes out while it is compressed, and its bytes are kept for the next push'
  test(name, async () => {
    await using harbour = await openHarbour()
    await using registry = await startLocalRegistry(harbour)
    await using gate = await openGate(registry.address, refusesChunks)
    const { room, report } = harbour
    const web = parseReference(`${gate.address}/user/web:v1`)
    const image = await seedImage(harbour, web, { big: randomBytes(5_000_000), text: 'words '.repeat(500_000) })
    await pushImage(room, { reference: web, report })
    const [diffId = image.id] = image.config.rootfs.diff_ids
    const lines = (text: string) =>
      harbour.messages.filter(({ id, status }) => id === diffId.slice(7, 19) && status === text)
    assert.equal(lines('Pushed').length, 1)
    const patches = gate.seen.filter(({ method }) => method === 'PATCH')
    assert.deepEqual(
      patches.map(({ isChunked }) => isChunked),
      refusesChunks ? [true, false] : [true],
    )
    const blob = room.store.layerBlobs(diffId).find(({ mediaType }) => mediaType === mediaTypes.dockerLayerGzip)
    assert.ok(blob && (await room.store.content.stat(blob.digest)))

    const other = parseReference(`${registry.address}/user/other:v1`)
    await room.store.tag(other, image.id)
    await pushImage(room, { reference: other, report })
    await removeImage(room, image.id, { force: true, noPrune: false })
    assert.equal((await pullImage(room, { reference: web })).id, image.id)
    assert.equal((await pullImage(room, { reference: other })).id, image.id)
  })
}

test('a push that is cancelled ends while a layer goes out, and the next one is whole', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const { room } = harbour
  const began = Promise.withResolvers<void>()
  // Takes a little of what is sent, and then no more.
  const deaf = createServer((request, response) => {
    if (request.method === 'PATCH') {
      request.once('data', () => {
        request.pause()
        began.resolve()
      })
    } else if (request.method === 'POST') response.writeHead(202, { location: '/v2/user/web/blobs/uploads/1' }).end()
    else response.writeHead(request.url === '/v2/' ? 200 : 404).end()
  })
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
  const web = parseReference(`127.0.0.1:${(deaf.address() as AddressInfo).port}/user/web:v1`)
  const { id } = await seedImage(harbour, web, { big: randomBytes(20_000_000) })
  const controller = new AbortController()
  const pushing = pushImage(room, { reference: web, signal: controller.signal })
  await Promise.race([began.promise, pushing])
  controller.abort()
  await assert.rejects(pushing, { name: 'AbortError' })
  deaf.closeAllConnections()
  deaf.close()
  assert.deepEqual(await readdir(join(harbour.root, 'content/scratch')), [])

  const other = parseReference(`${registry.address}/user/web:v1`)
  await room.store.tag(other, id)
  await pushImage(room, { reference: other })
})

/** Two images that differ in what they are for, pushed, and an index of them under `name:v1`. */
const pushIndex = async (harbour: Harbour, name: string) => {
  const { room } = harbour
  const reference = parseReference(`${name}:part`)
  const native = await seedImage(harbour, reference)
  await using lease = room.store.leases.take('test')
  const foreign = await room.store.create({ config: { ...native.config, architecture: 's390x' }, lease })
  const manifests: Descriptor[] = []
  for (const { id } of [native, foreign]) {
    await room.store.tag(reference, id)
    await pushImage(room, { reference })
    const { config, manifests: made } = await room.store.resolve(id)
    const { os, architecture } = config
    manifests.push(...made.map((manifest) => ({ ...manifest, platform: { os, architecture } })))
  }
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }))
  const index: Descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length }
  await using remote = connectRegistry({ registry: reference.registry, repository: reference.repository })
  await remote.push(index, [bytes])
  await remote.tag({ ...reference, tag: 'v1' }, index)
  for (const { id } of [native, foreign]) await removeImage(room, id, { force: true, noPrune: false })
  return { index, native }
}

test('what came as an index goes as that index when all of it is here; --platform takes one of it', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const { room } = harbour
  const { index, native } = await pushIndex(harbour, `${registry.address}/user/web`)
  const web = parseReference(`${registry.address}/user/web:v1`)
  const pushedAs = async (name: string, platform?: { os: string; architecture: string }) => {
    const reference = parseReference(`${registry.address}/user/${name}:v1`)
    await room.store.tag(reference, native.id)
    await pushImage(room, { reference, ...(platform ? { platform } : {}) })
    await using remote = connectRegistry({ registry: reference.registry, repository: reference.repository })
    return (await remote.resolve(reference)).digest
  }
  await pullImage(room, { reference: web })
  const { manifests } = await room.store.resolve(native.id)
  const single = manifests.find(({ mediaType }) => mediaType === mediaTypes.dockerManifest)?.digest
  assert.equal(await pushedAs('half'), single)

  await pullImage(room, { reference: web, platform: { os: 'linux', architecture: 's390x' } })
  assert.equal(await pushedAs('whole'), index.digest)
  const { repoDigests } = await room.store.resolve(native.id)
  assert.ok(repoDigests.some(({ repository, digest }) => repository === 'user/whole' && digest === index.digest))
  assert.equal(await pushedAs('one', hostPlatform()), single)
})

test('what an index says of its one image is kept with it, goes out with it, and goes when it goes', async () => {
  await using harbour = await openHarbour()
  await using registry = await startLocalRegistry(harbour)
  const { room } = harbour
  const web = parseReference(`${registry.address}/user/web:v1`)
  const { id } = await seedImage(harbour, web)
  await pushImage(room, { reference: web })
  const [manifest] = (await room.store.resolve(id)).manifests
  assert.ok(manifest)
  await using remote = connectRegistry({ registry: web.registry, repository: web.repository })
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content))
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
    await remote.push(descriptor, [bytes])
    return descriptor
  }
  const attestation = await put(mediaTypes.ociManifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: await put(mediaTypes.ociConfig, { architecture: 'unknown', os: 'unknown', rootfs: { diff_ids: [] } }),
    layers: [await put('application/vnd.in-toto+json', { predicateType: 'https://slsa.dev/provenance/v0.2' })],
  })
  const annotations = {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': manifest.digest,
  }
  const nowhere = { os: 'unknown', architecture: 'unknown' }
  const index = await put(mediaTypes.ociIndex, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [
      { ...manifest, platform: hostPlatform() },
      { ...attestation, annotations, platform: nowhere },
    ],
  })
  await remote.tag(web, index)
  await removeImage(room, id, { force: true, noPrune: false })
  await pullImage(room, { reference: web })
  await room.collector.collect()

  const other = parseReference(`${registry.address}/user/other:v1`)
  await room.store.tag(other, id)
  await pushImage(room, { reference: other })
  await using elsewhere = connectRegistry({ registry: other.registry, repository: other.repository })
  assert.equal((await elsewhere.resolve(other)).digest, index.digest)
  assert.ok(await elsewhere.has(attestation))
  await removeImage(room, id, { force: true, noPrune: false })
  assert.deepEqual(await Array.fromAsync(room.store.content.list()), [])
})

test('what was loaded as plain tars is compressed on its way out; what was pulled so goes as it came', async () => {
  await using built = await openHarbour()
  await using loaded = await openHarbour()
  await using registry = await startLocalRegistry(built)
  const web = parseReference(`${registry.address}/user/web:v1`)
  const { id } = await seedImage(built, web, { text: 'words '.repeat(50_000) })
  const archive = new PassThrough()
  const { signal } = new AbortController()
  await Promise.all([
    saveImages(built.room, { names: [id], signal }, () => archive),
    loadImages(loaded.room, { tar: archive, quiet: true, report: loaded.report, signal }),
  ])
  const [plain] = (await loaded.room.store.resolve(id)).manifests
  assert.ok(plain)
  const layersOf = async (reference: Reference) => {
    await using remote = connectRegistry({ registry: reference.registry, repository: reference.repository })
    const manifest = await remote.resolve(reference)
    return { digest: manifest.digest, ...parseManifest(await buffer(await remote.fetch(manifest)), manifest.digest) }
  }
  await loaded.room.store.tag(web, id)
  await pushImage(loaded.room, { reference: web })
  const [layer] = (await layersOf(web)).layers
  assert.ok(layer && layer.mediaType === mediaTypes.dockerLayerGzip && layer.size < 10_000, JSON.stringify(layer))

  // As another client pushes it that compresses nothing.
  const asItIs = parseReference(`${registry.address}/user/plain:v1`)
  await using remote = connectRegistry({ registry: asItIs.registry, repository: asItIs.repository })
  const from = { ...localSource(loaded.room.store), resolve: async () => plain }
  await copyImage(from, asItIs, remote, asItIs)
  await removeImage(loaded.room, id, { force: true, noPrune: false })
  await pullImage(loaded.room, { reference: asItIs })
  const again = parseReference(`${registry.address}/user/again:v1`)
  await loaded.room.store.tag(again, id)
  await pushImage(loaded.room, { reference: again })
  assert.equal((await layersOf(again)).digest, plain.digest)
})
