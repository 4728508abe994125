import assert from 'node:assert/strict'
import { glob, mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { type ChainId, digestOf, parseReference } from '@slipway/core'
import { loadImages } from './archive/load.ts'
import { checkImages } from './check.ts'
import { type Harbour, openHarbour, seedImage } from './testing/harbour.ts'
import { saved } from './testing/life.ts'

const { signal } = new AbortController()
const name = parseReference('one:1')

const findings = async ({ room }: Harbour, { repair = false, mounted = [] as readonly string[] } = {}) =>
  (await checkImages(room, { repair, needed: [], mounted, signal })).Findings.map(
    ({ Kind, Outcome, Problem }) => `${Outcome} ${Kind}: ${Problem}`,
  )

/** A file of a layer, as it lies on disk. */
const unpacked = async ({ root }: Harbour, file: string): Promise<string> => {
  const [path] = await Array.fromAsync(glob(`layers/*/fs/${file}`, { cwd: join(root, 'snapshots') }))
  assert.ok(path)
  return join(root, 'snapshots', path)
}

test('a file of a layer that has changed on disk is found, and unpacked again', async () => {
  await using harbour = await openHarbour()
  await seedImage(harbour, name, { hello: 'world', other: 'same' })
  assert.deepEqual(await findings(harbour), [])
  await writeFile(await unpacked(harbour, 'hello'), 'earth')
  const problem = 'layer: its files are not those of its blob: /hello'
  assert.deepEqual(await findings(harbour), [`found ${problem}`])
  assert.deepEqual(await findings(harbour, { repair: true }), [`repaired ${problem}`])
  assert.deepEqual(await findings(harbour), [])
})

test('also one that is missing, and of many the first', async () => {
  await using harbour = await openHarbour()
  const files = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`file${at}`, 'text']))
  await seedImage(harbour, name, { ...files, gone: 'x' })
  await rm(await unpacked(harbour, 'gone'))
  for (const file of Object.keys(files)) await truncate(await unpacked(harbour, file), 1)
  const shown = '/file0, /file1, /file2, /file3, /file4 and 5 more'
  assert.deepEqual(await findings(harbour, { repair: true }), [
    `repaired layer: its files are not those of its blob: ${shown}`,
  ])
  assert.deepEqual(await findings(harbour), [])
})

test('what belongs to nothing is told, and taken away', async () => {
  await using harbour = await openHarbour()
  await seedImage(harbour, name, { hello: 'world' })
  const strays = [
    'content/blobs/sha256/junk',
    'content/scratch/junk',
    'snapshots/layers/junk',
    'snapshots/layers/4711/fs',
  ]
  for (const stray of strays) await mkdir(join(harbour.root, stray), { recursive: true })
  const digest = digestOf('nobody’s')
  await writeFile(harbour.room.store.content.pathOf(digest), 'nobody’s')
  const problems = ['nothing refers to this blob', 'this is no blob', 'this is no blob']
  const told = [...problems, 'this is no layer', 'this is no layer'].map((problem) => `left-over: ${problem}`)
  assert.deepEqual(
    await findings(harbour),
    told.map((each) => `found ${each}`),
  )
  assert.deepEqual(
    await findings(harbour, { repair: true }),
    told.map((each) => `repaired ${each}`),
  )
  assert.deepEqual(await findings(harbour), [])
})

test('what is lost comes with what brings it back', async () => {
  await using harbour = await openHarbour()
  const { id, config } = await seedImage(harbour, name, { hello: 'world' })
  const { store } = harbour.room
  for (const { digest } of store.layerBlobs(config.rootfs.diff_ids[0] ?? id)) await rm(store.content.pathOf(digest))
  await rm(await unpacked(harbour, 'hello'))
  const [made = ''] = await findings(harbour, { repair: true })
  assert.match(made, /^lost layer: .*, and no blob of it is left; image one:1 has to be made or loaded again$/)
  const digest = digestOf('pulled')
  await store.name({ registry: 'docker.io', repository: 'library/one', digest }, id)
  const [pulled = ''] = await findings(harbour, { repair: true })
  assert.ok(pulled.endsWith(`; pull one@${digest} again, and then repair`), pulled)
})

test('a layer that is mounted is left as it is', async () => {
  await using harbour = await openHarbour()
  const { chainId } = await seedImage(harbour, name)
  await writeFile(await unpacked(harbour, 'hello'), 'earth')
  await harbour.room.store.snapshots.prepare('container', chainId as ChainId)
  const found = await findings(harbour, { repair: true, mounted: ['container'] })
  const problem = 'layer: its files are not those of its blob: /hello; it is in use'
  assert.ok(found.includes(`found ${problem}`), found.join('\n'))
})

test('without a blob a changed layer is lost, and an unchanged one is its own proof', async () => {
  await using harbour = await openHarbour()
  const { config } = await seedImage(harbour, name)
  const { store } = harbour.room
  const [diffId] = config.rootfs.diff_ids
  assert.ok(diffId)
  for (const { digest } of store.layerBlobs(diffId)) await store.forgetCollected([], [digest])
  await harbour.room.collector.collect()
  const unchanged = (await store.snapshots.diff(diffId)).diffId === diffId
  assert.equal((await findings(harbour)).length, unchanged ? 0 : 1)
  await writeFile(await unpacked(harbour, 'hello'), 'earth')
  const [found = ''] = await findings(harbour, { repair: true })
  assert.match(
    found,
    /^lost layer: its files give sha256:[0-9a-f]{64}, and no blob of it is left; image one:1 has to be made or loaded again$/,
  )
})

test('a blob that is cut, missing or not its own is found; what can be made again is', async () => {
  await using from = await openHarbour()
  await seedImage(from, name, { hello: 'world', large: Buffer.alloc(100_000, 'x') })
  await using harbour = await openHarbour()
  const tar = Readable.from([await saved(from, ['one:1'])], { objectMode: false })
  await loadImages(harbour.room, { tar, quiet: true, report: harbour.report, signal })
  const { store } = harbour.room
  const { id } = await store.resolve('one:1')
  await writeFile(store.content.pathOf(id), '{}')
  const [found = ''] = await findings(harbour, { repair: true })
  assert.match(found, /^repaired blob: its bytes are sha256:/)
  assert.deepEqual(await findings(harbour), [])
  await rm(store.content.pathOf(id))
  assert.match((await findings(harbour, { repair: true })).join(), /^repaired image: its config is missing$/)
  assert.deepEqual(await findings(harbour), [])
})

test('a layer of no image that has lost its files is forgotten, unless something stands on it', async () => {
  await using harbour = await openHarbour()
  const { snapshots, leases } = harbour.room.store
  await using lease = leases.take('test')
  const [below, above] = [digestOf('below'), digestOf('above')]
  for (const each of [below, above]) lease.hold({ kind: 'snapshot', name: each })
  await snapshots.prepare('step')
  await snapshots.commit('step', below)
  await snapshots.prepare('step', below)
  await snapshots.commit('step', above)
  await rm(join(harbour.root, 'snapshots/layers/1'), { recursive: true })
  assert.deepEqual(await findings(harbour), ['found layer: its files are missing'])
  assert.deepEqual(await findings(harbour, { repair: true }), ['lost layer: its files are missing'])
  await rm(join(harbour.root, 'snapshots/layers/2'), { recursive: true })
  const repaired = 'repaired layer: its files are missing'
  assert.deepEqual(await findings(harbour, { repair: true }), [repaired, repaired])
  assert.deepEqual(await Array.fromAsync(snapshots.list()), [])
})
