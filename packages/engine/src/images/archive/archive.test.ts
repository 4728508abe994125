import assert from 'node:assert/strict'
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { digestOf, hasCode, hexOf, hostPlatform, mediaTypes, type Platform, parseReference } from '@slipway/core'
import { packTar, readTar, tarHeader } from '@slipway/store'
import type { Filters } from '../../filters.ts'
import { checkImages } from '../check.ts'
import { importImage } from '../import.ts'
import { listImages } from '../list.ts'
import { siblingFor } from '../platform.ts'
import { pruneImages } from '../prune.ts'
import { removeImage } from '../remove.ts'
import { type Harbour, openHarbour, seedImage, tarOf } from '../testing/harbour.ts'
import { amd64, arm64, layoutOfTwo } from '../testing/two-machines.ts'
import { loadImages } from './load.ts'
import { saveImages } from './save.ts'

const { signal } = new AbortController()

const save = async ({ room }: Harbour, ...names: readonly string[]): Promise<Buffer> => {
  const out = new PassThrough()
  const bytes = buffer(out)
  await saveImages(room, { names, signal }, () => out)
  return bytes
}

const load = ({ room, report }: Harbour, bytes: Uint8Array, quiet = true): Promise<void> =>
  loadImages(room, { tar: Readable.from([bytes], { objectMode: false }), quiet, report, signal })

const problems = async ({ room }: Harbour) => (await checkImages(room, { repair: false, needed: [], signal })).Findings

test('what is saved is loaded elsewhere as the same images, with their names', async () => {
  await using from = await openHarbour()
  await using to = await openHarbour()
  const one = await seedImage(from, parseReference('one:1'), { a: 'a' })
  const two = await seedImage(from, parseReference('two:2'), { a: 'a' }, ['ENV A=b'])
  const archive = await save(from, 'one:1', 'two:2')
  await load(to, archive)
  assert.equal((await to.room.store.resolve('one:1')).id, one.id)
  assert.equal((await to.room.store.resolve('two:2')).id, two.id)
  assert.deepEqual(
    to.messages.map(({ stream }) => stream),
    ['Loaded image: one:1\n', 'Loaded image: two:2\n'],
  )
  assert.deepEqual(await save(to, 'one:1', 'two:2'), archive)
  assert.deepEqual(await problems(to), [])
})

test('an image without a name is loaded under its id', async () => {
  await using from = await openHarbour()
  await using to = await openHarbour()
  const { id } = await seedImage(from, undefined)
  await load(to, gzipSync(await save(from, id)))
  assert.deepEqual(to.messages, [{ stream: `Loaded image ID: ${id}\n` }])
})

/** As docker wrote it before it wrote OCI layouts: a directory for each layer, and links where layers are shared. */
const oldArchive = async (damage: Readonly<Record<string, string>> = {}): Promise<Buffer> => {
  const layer = await buffer(tarOf({ hello: 'old' }))
  const diffId = digestOf(layer)
  const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [diffId, diffId] } }
  const manifest = [{ Config: 'c.json', RepoTags: ['old:1'], Layers: ['x/layer.tar', 'y/layer.tar'] }]
  const texts = { 'c.json': JSON.stringify(config), 'manifest.json': JSON.stringify(manifest), ...damage }
  return buffer(
    packTar([
      { header: tarHeader({ name: 'x/layer.tar', size: layer.length }), body: layer },
      { header: tarHeader({ name: 'y/layer.tar', type: 'symlink', linkname: '../x/layer.tar' }) },
      ...Object.entries(texts).map(([name, text]) => {
        const body = Buffer.from(text)
        return { header: tarHeader({ name, size: body.length }), body }
      }),
    ]),
  )
}

test('an old archive, with a link for a layer, is loaded, and can be saved again', async () => {
  await using to = await openHarbour()
  await load(to, await oldArchive())
  assert.equal((await to.room.store.resolve('old:1')).config.rootfs.diff_ids.length, 2)
  assert.ok((await save(to, 'old:1')).length > 0)
  assert.deepEqual(await problems(to), [])
})

const bad: Readonly<Record<string, () => Promise<Buffer>>> = {
  'an empty file': async () => Buffer.alloc(0),
  'what is no archive': async () => Buffer.from('hello'),
  'an archive that is cut': async () => (await oldArchive()).subarray(0, 1000),
  'a layer that is not the one promised': () =>
    oldArchive({ 'c.json': JSON.stringify({ rootfs: { diff_ids: [digestOf('1'), digestOf('2')] } }) }),
  'a manifest of nothing': () => oldArchive({ 'manifest.json': '{}' }),
  'a layer outside of the archive': () =>
    oldArchive({ 'manifest.json': JSON.stringify([{ Config: 'c.json', Layers: ['../../etc/passwd'] }]) }),
  'a blob whose name lies': () => oldArchive({ [`blobs/sha256/${hexOf(digestOf('lie'))}`]: 'truth' }),
  'an archive without any images': () => buffer(tarOf({ readme: 'nothing here' })),
}

for (const [what, make] of Object.entries(bad)) {
  test(`${what} is refused, and nothing of it stays`, async () => {
    await using to = await openHarbour()
    await assert.rejects(
      make().then((bytes) => load(to, bytes)),
      (error) => hasCode(error, 'invalid'),
    )
    assert.deepEqual(await to.room.store.list(), [])
    assert.deepEqual(await Array.fromAsync(to.room.store.content.list()), [])
    assert.deepEqual(await Array.fromAsync(to.room.store.snapshots.list()), [])
  })
}

/** `web:1` for two machines, as two pulls from one index leave it. */
const seedPair = async (harbour: Harbour): Promise<void> => {
  const { store } = harbour.room
  const index = { mediaType: mediaTypes.ociIndex, digest: digestOf('index'), size: 5 }
  for (const platform of [arm64, amd64]) {
    const tar = tarOf({ machine: platform.architecture })
    const wanted = { tar, reference: parseReference('web:1'), message: '', changes: [], platform }
    await store.rememberManifest((await importImage(harbour.room, wanted)).id, index)
  }
}

test('of what came from one index, the images for the platforms that are asked for are saved and loaded', async () => {
  await using from = await openHarbour()
  await seedPair(from)
  const savedFor = async (...platforms: readonly Platform[]): Promise<Buffer> => {
    const out = new PassThrough()
    const bytes = buffer(out)
    await saveImages(from.room, { names: ['web:1'], platforms, signal }, () => out)
    return bytes
  }
  const loadedFrom = async (bytes: Buffer, ...platforms: readonly Platform[]): Promise<readonly string[]> => {
    await using to = await openHarbour()
    const tar = Readable.from([bytes], { objectMode: false })
    await loadImages(to.room, { tar, platforms, quiet: true, report: to.report, signal })
    return (await to.room.store.list()).map(({ config }) => config.architecture).sort()
  }
  assert.deepEqual(await loadedFrom(await savedFor()), ['amd64'])
  assert.deepEqual(await loadedFrom(await savedFor(arm64)), ['arm64'])
  const both = await savedFor(amd64, arm64)
  assert.deepEqual(await loadedFrom(both), ['amd64', 'arm64'])
  assert.deepEqual(await loadedFrom(both, arm64), ['arm64'])
  await assert.rejects(savedFor({ os: 'linux', architecture: 's390x' }), {
    code: 'not-found',
    message: 'no suitable export target found for platform linux/s390x',
  })
  await assert.rejects(loadedFrom(await savedFor(amd64), arm64), {
    code: 'not-found',
    message:
      'image with reference web:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)',
  })
})

const filesIn = async (tar: Buffer): Promise<ReadonlyMap<string, string>> => {
  const files = new Map<string, string>()
  for await (const { header, body } of readTar(Readable.from([tar], { objectMode: false }))) {
    files.set(header.name.toString(), Buffer.concat(await Array.fromAsync(body)).toString())
  }
  return files
}

interface IndexEntry {
  readonly digest: string
  readonly annotations?: Readonly<Record<string, string>>
}

test('an index of several images stays one, through load and save', async () => {
  await using first = await openHarbour()
  await using second = await openHarbour()
  const { bytes, index } = await layoutOfTwo()
  await load(first, bytes)
  const out = new PassThrough()
  const saved = buffer(out)
  await saveImages(first.room, { names: ['web:1'], platforms: [arm64, amd64], signal }, () => out)
  const { manifests: tops } = JSON.parse((await filesIn(await saved)).get('index.json') ?? '') as {
    readonly manifests: readonly IndexEntry[]
  }
  assert.deepEqual(
    tops.map(({ digest, annotations }) => [digest, annotations?.['io.containerd.image.name']]),
    [[index, 'docker.io/library/web:1']],
  )
  await load(second, await saved)
  for (const { room } of [first, second]) {
    const named = await room.store.resolve('web:1')
    assert.equal(named.config.architecture, hostPlatform().architecture)
    const architectures = (await room.store.list()).map(({ config }) => config.architecture).sort()
    assert.deepEqual(architectures, ['amd64', 'arm64'])
    assert.equal((await siblingFor(room.store, named, arm64))?.config.architecture, 'arm64')
    assert.equal((await siblingFor(room.store, named, amd64))?.config.architecture, 'amd64')
  }
  assert.deepEqual(await problems(first), [])
  assert.deepEqual(await problems(second), [])
})

test('a name of several machines is saved whole, attestations too, and is one name again where it is loaded', async () => {
  await using first = await openHarbour()
  await using second = await openHarbour()
  const { bytes, index, blobs } = await layoutOfTwo()
  await load(first, bytes)
  const saved = await save(first, 'web:1')
  const files = await filesIn(saved)
  assert.deepEqual([...files.keys()].filter((name) => name.startsWith('blobs/')).toSorted(), blobs.toSorted())
  const tops = (JSON.parse(files.get('index.json') ?? '') as { manifests: IndexEntry[] }).manifests
  assert.deepEqual(
    tops.map(({ digest }) => digest),
    [index],
  )
  // Docker without an index in its store reads this file alone.
  const own = JSON.parse(files.get('manifest.json') ?? '') as readonly { RepoTags: unknown }[]
  assert.deepEqual(
    own.map(({ RepoTags }) => RepoTags),
    [['web:1']],
  )
  await load(second, saved)
  assert.deepEqual(second.messages, [{ stream: 'Loaded image: web:1\n' }])
  assert.deepEqual(await save(second, 'web:1'), saved)

  const { room } = second
  const namesOf = async (filters: Filters = new Map()) =>
    (await listImages(room, { all: false, filters })).map(({ RepoTags }) => RepoTags)
  assert.deepEqual(await namesOf(), [['web:1']])
  assert.deepEqual(await namesOf(new Map([['dangling', ['true']]])), [])
  assert.equal((await pruneImages(room, new Map())).ImagesDeleted, null)
  await removeImage(room, 'web:1', { force: false, noPrune: false })
  assert.deepEqual(await room.store.list(), [])
  assert.deepEqual(await Array.fromAsync(room.store.content.list()), [])
  assert.deepEqual(await Array.fromAsync(room.store.snapshots.list()), [])
})

/** Files of a directory that this process has open. */
const openBelow = async (directory: string): Promise<readonly string[]> => {
  const numbers = await readdir('/proc/self/fd')
  const paths = await Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')))
  return paths.filter((path) => path.startsWith(`${directory}/`))
}

test('an index that two names lead to is written once, and nothing stays open', async () => {
  await using first = await openHarbour()
  await load(first, (await layoutOfTwo()).bytes)
  const { id } = await first.room.store.resolve('web:1')
  await first.room.store.tag(parseReference('web:2'), id)
  const files = await filesIn(await save(first, 'web:1', 'web:2'))
  assert.match(files.get('manifest.json') ?? '', /"RepoTags":\["web:1","web:2"\]/)
  const content = join(first.root, 'content')
  for (let wait = 0; wait < 3000 && (await openBelow(content)).length > 0; wait += 1) await sleep(10)
  assert.deepEqual(await openBelow(content), [])
})

test('of several machines the one that is asked for gets the name, also where docker’s own list has another one', async () => {
  await using first = await openHarbour()
  await load(first, (await layoutOfTwo()).bytes)
  const tar = await save(first, 'web:1')
  for (const platform of [arm64, amd64]) {
    await using to = await openHarbour()
    const { room, report } = to
    await loadImages(room, {
      tar: Readable.from([tar], { objectMode: false }),
      platforms: [platform],
      quiet: true,
      report,
      signal,
    })
    assert.equal((await room.store.resolve('web:1')).config.architecture, platform.architecture)
    assert.equal((await room.store.list()).length, 1)
    assert.deepEqual(await problems(to), [])
  }
})

test('what is not here is told before a byte is sent', async () => {
  await using from = await openHarbour()
  await seedImage(from, parseReference('one:1'))
  await assert.rejects(save(from, 'one:1', 'nope'), (error) => hasCode(error, 'not-found'))
})
