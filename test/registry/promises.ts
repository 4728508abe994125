import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from '@slipway/core'
import type { TestRegistry } from '../harness/registry.ts'
import { type Answer, type Blob, blobOf, type Connection, type Image, imageOf } from './connection.ts'

export const repository = 'kept/promises'

/** What a registry has acknowledged, and must know again after whatever befell it. */
export interface Promises {
  readonly kept: Map<string, Image>
  readonly deleted: Set<string>
  /** How often clients were told to come back later. */
  refusals: number
  /** How long the registry keeps a blob for its manifest, in milliseconds. Who needs longer begins anew. */
  readonly unreferenced: number
}

export const noPromises = (unreferenced: number): Promises => ({
  kept: new Map(),
  deleted: new Set(),
  refusals: 0,
  unreferenced,
})

export const acknowledged = ({ kept, deleted }: Promises): number => kept.size + deleted.size

const layers: readonly Blob[] = Array.from({ length: 6 }, (_, at) => blobOf(`layer ${at} `.repeat(5000)))

/** Not now: the client begins anew. */
export class Refused extends Error {}

/** Throws Refused on a 503, which must say when to come back. */
export const expect = (answer: Answer, ...statuses: readonly number[]): Answer => {
  if (answer.status === 503) {
    assert.ok(Number(answer.headers['retry-after']) > 0, 'a 503 says when to come back')
    throw new Refused()
  }
  assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.body}`)
  return answer
}

const upload = async (connection: Connection, { digest, bytes }: Blob): Promise<void> => {
  const begun = expect(await connection.call('POST', `/v2/${repository}/blobs/uploads/`), 202)
  const location = begun.headers.location ?? ''
  const half = bytes.length >> 1
  expect(await connection.call('PATCH', location, { body: bytes.subarray(0, half) }), 202)
  expect(await connection.call('PUT', `${location}?digest=${digest}`, { body: bytes.subarray(half) }), 201)
}

export const push = async (
  connection: Connection,
  tag: string,
  image: Image,
  { unreferenced }: Promises,
): Promise<void> => {
  const began = performance.now()
  for (const blob of image.blobs) await upload(connection, blob)
  const answer = await connection.putManifest(repository, tag, image.text)
  if (answer.status === 404 && performance.now() - began > unreferenced) throw new Refused()
  expect(answer, 201)
}

export interface Work {
  /** Of this client: its tags begin so. */
  readonly name: string
  readonly promises: Promises
  /** Bytes of a layer that every third image has besides. */
  readonly large?: number
  readonly isOver?: () => boolean
}

/** Does it until it is done; each time it was refused, it is a little later. */
export const insist = async (
  { promises, isOver }: Pick<Work, 'promises' | 'isOver'>,
  perform: () => Promise<void>,
): Promise<boolean> => {
  while (isOver?.() !== true) {
    try {
      await perform()
      return true
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      promises.refusals += 1
      await sleep(50)
    }
  }
  return false
}

/** A client that pushes one image after the other, and deletes every second one. */
export const work = async (connection: Connection, asked: Work): Promise<void> => {
  const { name, promises, large = 0, isOver } = asked
  for (let count = 0; isOver?.() !== true; count += 1) {
    const config = blobOf(randomBytes(32).toString('hex'))
    const own = large > 0 && count % 3 === 0 ? [blobOf(randomBytes(large))] : []
    const image = imageOf([config, ...own, ...layers.slice(count % 4, (count % 4) + 2)])
    const tag = `${name}-${count}`
    if (!(await insist(asked, () => push(connection, tag, image, promises)))) return
    promises.kept.set(tag, image)
    if (count % 2 === 1) continue
    // Between the request and its answer nobody can know.
    promises.kept.delete(tag)
    const path = `/v2/${repository}/manifests/${image.digest}`
    // One that was refused may have been done all the same.
    let done = [202]
    const remove = async (): Promise<void> => {
      const statuses = done
      done = [202, 404]
      expect(await connection.call('DELETE', path), ...statuses)
    }
    if (await insist(asked, remove)) promises.deleted.add(tag)
  }
}

/** Everything that was acknowledged is as it was acknowledged. */
export const verify = async (connection: Connection, { kept, deleted }: Promises): Promise<void> => {
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

/** What a fault left between storage and metadata belongs to nobody: it is found, and then gone; nothing else is wrong. */
export const checkWhole = async (registry: TestRegistry): Promise<void> => {
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
}
