import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from '@slipway/core'
import { isLong } from '../harness/place.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'
import { type Blob, blobOf, Connection, type Image, imageOf } from './connection.ts'

const rounds = isLong ? 60 : 3
const workers = 4
const repository = 'kill/nine'

/** Everything is due at once but what a client was promised: uploads, manifests and collection are always under way. */
const flags = [
  ...['--gc-interval', '10ms', '--keep-unreferenced', '10s', '--keep-untagged', '0'],
  ...['--keep-dangling', '0', '--keep-trash', '0', '--keep-bytes', '0'],
]

/** What the registry has acknowledged, and must know again after any death. */
interface Promises {
  readonly kept: Map<string, Image>
  readonly deleted: Set<string>
}

const acknowledged = ({ kept, deleted }: Promises): number => kept.size + deleted.size

const layers: readonly Blob[] = Array.from({ length: 6 }, (_, at) => blobOf(`layer ${at} `.repeat(5000)))

const upload = async (connection: Connection, { digest, bytes }: Blob): Promise<void> => {
  const { status, headers } = await connection.call('POST', `/v2/${repository}/blobs/uploads/`)
  assert.equal(status, 202)
  const location = headers.location ?? ''
  const half = bytes.length >> 1
  assert.equal((await connection.call('PATCH', location, { body: bytes.subarray(0, half) })).status, 202)
  const last = await connection.call('PUT', `${location}?digest=${digest}`, { body: bytes.subarray(half) })
  assert.equal(last.status, 201)
}

/** Pushes one image after the other, and deletes some, until the registry is gone. */
const work = async (connection: Connection, name: string, promises: Promises): Promise<void> => {
  for (let count = 0; ; count += 1) {
    const image = imageOf([blobOf(randomBytes(32).toString('hex')), ...layers.slice(count % 4, (count % 4) + 2)])
    for (const blob of image.blobs) await upload(connection, blob)
    const tag = `${name}-${count}`
    assert.equal((await connection.putManifest(repository, tag, image.text)).status, 201)
    promises.kept.set(tag, image)
    if (count % 2 === 1) continue
    // Between the request and its answer nobody can know.
    promises.kept.delete(tag)
    assert.equal((await connection.call('DELETE', `/v2/${repository}/manifests/${image.digest}`)).status, 202)
    promises.deleted.add(tag)
  }
}

const verify = async (connection: Connection, { kept, deleted }: Promises): Promise<void> => {
  for (const [tag, image] of kept) {
    const manifest = await connection.call('GET', `/v2/${repository}/manifests/${tag}`)
    assert.equal(manifest.body.toString(), image.text, tag)
    for (const { digest } of image.blobs) {
      const blob = await connection.call('GET', `/v2/${repository}/blobs/${digest}`)
      assert.equal(digestOf(blob.body), digest)
    }
  }
  for (const tag of deleted) {
    assert.equal((await connection.call('HEAD', `/v2/${repository}/manifests/${tag}`)).status, 404)
  }
}

const isGone = (error: unknown): boolean => ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(String(Object(error).code))

test('kill -9 at any moment of pushes, deletions and collections: what was acknowledged holds', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch, flags)
  const promises: Promises = { kept: new Map(), deleted: new Set() }
  for (let round = 0; round < rounds; round += 1) {
    using connection = new Connection(registry.address)
    const before = acknowledged(promises)
    const working = Array.from({ length: workers }, (_, at) => work(connection, `${round}-${at}`, promises))
    const outcomes = Promise.allSettled(working)
    while (acknowledged(promises) < before + workers + 2) await Promise.race([sleep(10), ...working])
    await sleep(randomInt(150))
    await registry.kill()
    for (const outcome of await outcomes) {
      if (outcome.status === 'rejected' && !isGone(outcome.reason)) throw outcome.reason
    }
    await registry.startAgain()
    using after = new Connection(registry.address)
    await verify(after, promises)
  }
  t.diagnostic(`${promises.kept.size} images kept, ${promises.deleted.size} deleted`)
  // What a death left between storage and metadata belongs to nobody: found, and then gone.
  const repaired = await registry.administer(['check', '--repair', '--orphan-age', '0'])
  assert.equal(repaired.code, 0, repaired.stdout + repaired.stderr)
  const problems = repaired.stdout.trim().split('\n').slice(0, -1)
  assert.deepEqual(
    problems.filter((line) => !line.startsWith('orphan ')),
    [],
  )
  assert.equal((await registry.administer(['gc', 'run'])).code, 0)
  const clean = await registry.administer(['check', '--orphan-age', '0'])
  assert.equal(clean.stdout, 'Everything is as it should be.\n')
})
