import assert from 'node:assert/strict'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestOf, mediaTypes } from '@slipway/core'
import { enqueue } from '../metadata/queue.ts'
import type { Retention } from '../metadata/retention.ts'
import { openRegistryDatabase } from '../places.ts'
import {
  makeAccount,
  makeImage,
  pushBlob,
  pushImage,
  putManifest,
  startTestRegistry,
  type TestRegistry,
} from '../testing.ts'
import type { Collected } from './collect.ts'

const day = 24 * 60 * 60 * 1000
const atOnce = { unreferencedMs: 0, untaggedMs: 0, danglingMs: 0, trashMs: 0, readersMs: 0 }

const collect = async (registry: TestRegistry): Promise<Collected> =>
  (await (await registry.call('POST', '/api/v1/gc/run')).json()) as Collected

/** Nobody collects in it but who calls `collect()`: the pass at its start is over. */
const startQuiet = async (retention: Partial<Retention>): Promise<TestRegistry> => {
  const registry = await startTestRegistry({ collectEveryMs: day, retention })
  await collect(registry)
  return registry
}

const status = async (registry: TestRegistry, path: string): Promise<number> =>
  (await registry.call('HEAD', `/v2/${path}`)).status

const objectsOf = async ({ dataRoot }: TestRegistry): Promise<number> => {
  const entries = await readdir(join(dataRoot, 'content/objects'), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).length
}

const deleteManifest = (registry: TestRegistry, repository: string, reference: string): Promise<Response> =>
  registry.call('DELETE', `/v2/${repository}/manifests/${reference}`)

const describe = (
  image: { readonly digest: string; readonly text: string },
  mediaType: string = mediaTypes.ociManifest,
) => ({
  mediaType,
  digest: image.digest,
  size: Buffer.byteLength(image.text),
})

test('what was deleted goes with its bytes once its time in the trash is over, and not before', async () => {
  for (const [trashMs, left] of [
    [0, 0],
    [day, 2],
  ] as const) {
    await using registry = await startQuiet({ ...atOnce, trashMs })
    const { digest } = await pushImage(registry, 'user/app', 'v1')
    assert.equal((await collect(registry)).collected, 0)
    assert.equal((await deleteManifest(registry, 'user/app', digest)).status, 202)
    await collect(registry)
    assert.equal(await objectsOf(registry), left)
    assert.equal(await status(registry, `user/app/blobs/${digestOf('a layer')}`), left === 0 ? 404 : 200)
  }
})

test('a blob that was pushed is safe until its time is over, and "it is here" makes the time longer', async () => {
  await using safe = await startQuiet({ ...atOnce, unreferencedMs: day })
  const digest = await pushBlob(safe, 'user/app', 'waiting')
  assert.deepEqual(await collect(safe), { reviewed: 0, collected: 0, freedBytes: 0, failed: 0 })
  assert.equal(await status(safe, `user/app/blobs/${digest}`), 200)
  await using hasty = await startQuiet(atOnce)
  await pushBlob(hasty, 'user/app', 'waiting')
  const { collected, freedBytes } = await collect(hasty)
  assert.deepEqual({ collected, freedBytes }, { collected: 2, freedBytes: 7 })
  assert.equal(await status(hasty, `user/app/blobs/${digest}`), 404)
  assert.equal(await objectsOf(hasty), 0)
})

test('a blob that was collected can be pushed again before its old bytes are gone, and they go alone', async () => {
  await using registry = await startQuiet({ ...atOnce, readersMs: day })
  const digest = await pushBlob(registry, 'user/app', 'again')
  await collect(registry)
  assert.equal(await status(registry, `user/app/blobs/${digest}`), 404)
  await pushImage(registry, 'user/app', 'v1', { layer: 'again' })
  assert.equal(await objectsOf(registry), 3)
  await registry.restart({ retention: atOnce })
  await collect(registry)
  const blob = await registry.call('GET', `/v2/user/app/blobs/${digest}`)
  assert.equal(await blob.text(), 'again')
})

test('a blob that was pushed twice is kept once', async () => {
  await using registry = await startQuiet({ ...atOnce, unreferencedMs: day })
  await pushBlob(registry, 'user/app', 'twice')
  await pushBlob(registry, 'user/other', 'twice')
  await collect(registry)
  assert.equal(await objectsOf(registry), 1)
})

test('a layer stays while one repository needs it, and leaves the one that does not', async () => {
  await using registry = await startQuiet(atOnce)
  await pushImage(registry, 'user/app', 'v1')
  const { digest } = await pushImage(registry, 'user/other', 'v1')
  await deleteManifest(registry, 'user/other', digest)
  await collect(registry)
  assert.equal(await status(registry, `user/app/blobs/${digestOf('a layer')}`), 200)
  assert.equal(await status(registry, `user/other/blobs/${digestOf('a layer')}`), 404)
})

test('children of an index and referrers of what is tagged stay, and go with what held them', async () => {
  await using registry = await startQuiet(atOnce)
  const child = await makeImage(registry, 'user/app')
  await putManifest(registry, 'user/app', child.digest, child.text)
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [describe(child)] }
  const text = JSON.stringify(index)
  await putManifest(registry, 'user/app', 'v1', index)
  const signature = await makeImage(registry, 'user/app', {
    layer: 'a signature',
    extra: { subject: describe({ digest: digestOf(text), text }, mediaTypes.ociIndex) },
  })
  await putManifest(registry, 'user/app', signature.digest, signature.text)
  await collect(registry)
  for (const digest of [child.digest, signature.digest]) {
    assert.equal(await status(registry, `user/app/manifests/${digest}`), 200)
  }
  await deleteManifest(registry, 'user/app', 'v1')
  await collect(registry)
  for (const digest of [digestOf(text), child.digest, signature.digest]) {
    assert.equal(await status(registry, `user/app/manifests/${digest}`), 404)
  }
  assert.equal(await objectsOf(registry), 0)
})

test('an untagged manifest stays as long as the policy says, also when it was listed by an index that went', async () => {
  await using registry = await startQuiet({ ...atOnce, untaggedMs: day })
  const { digest } = await pushImage(registry, 'user/app', 'v1')
  await pushImage(registry, 'user/app', 'v1', { layer: 'newer' })
  await collect(registry)
  assert.equal(await status(registry, `user/app/manifests/${digest}`), 200)
  assert.equal(await status(registry, `user/app/blobs/${digestOf('a layer')}`), 200)
})

test('the status tells what waits, what is next and what was freed', async () => {
  await using registry = await startQuiet({ ...atOnce, readersMs: day })
  await pushBlob(registry, 'user/app', 'ten bytes.')
  await collect(registry)
  const gc = (await (await registry.call('GET', '/api/v1/gc')).json()) as {
    queue: { kind: string; waiting: number; bytes: number }[]
    next: { kind: string; reason: string }[]
    totals: { kind: string; collected: number }[]
    running: boolean
    freedBytes: number
  }
  assert.deepEqual(
    gc.queue.map(({ kind, waiting, bytes }) => ({ kind, waiting, bytes })),
    [{ kind: 'object', waiting: 1, bytes: 10 }],
  )
  assert.equal(gc.next[0]?.reason, 'collected')
  assert.deepEqual([gc.running, gc.freedBytes], [false, 0])
})

test('with accounts, only who logged in sees the garbage collector', async () => {
  await using registry = await startQuiet({})
  const authorization = await makeAccount(registry, 'james')
  assert.equal((await registry.call('GET', '/api/v1/gc')).status, 401)
  assert.equal((await registry.call('POST', '/api/v1/gc/run')).status, 401)
  const headers = { Authorization: authorization }
  assert.equal((await registry.call('GET', '/api/v1/gc', { headers })).status, 200)
})

test('a collection that died after the row, or after the bytes, is finished by the next', async () => {
  await using registry = await startQuiet({ ...atOnce, readersMs: day })
  await pushBlob(registry, 'user/app', 'row gone')
  await collect(registry)
  assert.equal(await objectsOf(registry), 1)
  await registry.restart({ retention: atOnce })
  // Its bytes are due by now; of the one below they are gone already.
  await pushBlob(registry, 'user/app', 'bytes gone')
  const database = await openRegistryDatabase(registry.places)
  await database.sql`UPDATE gc_queue SET review_after = ${new Date(0)}`
  await database[Symbol.asyncDispose]()
  await rm(join(registry.dataRoot, 'content/objects'), { recursive: true })
  assert.equal((await collect(registry)).failed, 0)
  const { queue } = (await (await registry.call('GET', '/api/v1/gc')).json()) as { queue: unknown[] }
  assert.deepEqual(queue, [])
})

test('what fails is tried again later, and holds up nothing else', async () => {
  await using registry = await startQuiet(atOnce)
  const database = await openRegistryDatabase(registry.places)
  // A key that no storage takes.
  await database.transaction((sql) =>
    enqueue(sql, { kind: 'object', key: '../nowhere', reason: 'collected' }, new Date(0)),
  )
  await database[Symbol.asyncDispose]()
  await pushBlob(registry, 'user/app', 'sound')
  const { failed, freedBytes } = await collect(registry)
  assert.deepEqual([failed, freedBytes], [1, 5])
  const gc = (await (await registry.call('GET', '/api/v1/gc')).json()) as { queue: { failing: number; due: number }[] }
  assert.deepEqual(
    gc.queue.map(({ failing, due }) => [failing, due]),
    [[1, 0]],
  )
})
