import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import {
  type Bytes,
  type CopyProgress,
  type Descriptor,
  digestOf,
  type ImageSource,
  type ImageTarget,
  mediaTypes,
  type Platform,
  parseReference,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import { copyImage } from './copy.ts'

const web = parseReference('registry.example/user/web:v1')

/** Images in memory: a source and a target, with a log of what was pushed. */
class Harbour implements ImageSource, ImageTarget {
  readonly blobs = new Map<string, Buffer>()
  readonly tags = new Map<string, Descriptor>()
  readonly pushed: string[] = []
  underway = 0
  mostUnderway = 0
  onPush: (target: Descriptor) => Promise<void> = async () => {}

  put(bytes: Buffer | string | object, mediaType: string, platform?: Platform): Descriptor {
    const plain = typeof bytes === 'string' || Buffer.isBuffer(bytes) ? bytes : JSON.stringify(bytes)
    const buffer = Buffer.from(plain)
    this.blobs.set(digestOf(buffer), buffer)
    return { mediaType, digest: digestOf(buffer), size: buffer.length, ...(platform ? { platform } : {}) }
  }
  putImage(layers: number, platform?: Platform): Descriptor {
    const config = this.put({ architecture: platform?.architecture ?? 'amd64' }, mediaTypes.ociConfig)
    const made = Array.from({ length: layers }, () => this.put(randomBytes(2000), mediaTypes.ociLayerGzip))
    return this.put({ schemaVersion: 2, config, layers: made }, mediaTypes.ociManifest, platform)
  }
  async resolve({ tag = '' }: Reference): Promise<Descriptor> {
    const found = this.tags.get(tag)
    if (found === undefined) throw new SlipwayError('not-found', 'manifest unknown')
    return found
  }
  async fetch(target: Descriptor): Promise<Readable> {
    const bytes = this.blobs.get(target.digest)
    if (bytes === undefined) throw new SlipwayError('not-found', 'blob unknown')
    return Readable.from([bytes.subarray(0, 500), bytes.subarray(500)], { objectMode: false })
  }
  async has(target: Descriptor): Promise<boolean> {
    return this.blobs.has(target.digest)
  }
  async push(target: Descriptor, bytes: Bytes): Promise<void> {
    this.underway += 1
    this.mostUnderway = Math.max(this.mostUnderway, this.underway)
    try {
      await this.onPush(target)
      const chunks: Uint8Array[] = []
      for await (const chunk of bytes) chunks.push(chunk)
      this.blobs.set(target.digest, Buffer.concat(chunks))
      this.pushed.push(target.digest)
    } finally {
      this.underway -= 1
    }
  }
  async tag(reference: Reference, target: Descriptor): Promise<void> {
    this.tags.set(reference.tag ?? '', target)
  }
}

const seeded = (layers = 5): { from: Harbour; image: Descriptor } => {
  const from = new Harbour()
  const image = from.putImage(layers)
  from.tags.set('v1', image)
  return { from, image }
}

test('copyImage() moves everything, the manifest last, with bounded concurrency', async () => {
  const { from, image } = seeded(6)
  const to = new Harbour()
  to.onPush = () => new Promise((resolve) => setTimeout(resolve, 2))
  assert.deepEqual(await copyImage(from, web, to, web, { concurrency: 2 }), image)
  assert.deepEqual(to.blobs, from.blobs)
  assert.equal(to.pushed.at(-1), image.digest)
  assert.deepEqual(to.tags.get('v1'), image)
  assert.equal(to.mostUnderway, 2)
})

test('copyImage() does not move what is there, and tells the progress of the rest', async () => {
  const { from } = seeded(2)
  const to = new Harbour()
  const [there] = [...from.blobs].filter(([, bytes]) => bytes.length === 2000)
  assert.ok(there)
  to.blobs.set(...there)
  const steps: CopyProgress[] = []
  await copyImage(from, web, to, web, { onProgress: (step) => steps.push(step) })
  const states = (digest: string) => steps.filter((s) => s.descriptor.digest === digest).map((s) => [s.state, s.bytes])
  assert.deepEqual(states(there[0]), [
    ['waiting', 0],
    ['exists', 0],
  ])
  const other = [...from.blobs].find(([digest, bytes]) => bytes.length === 2000 && digest !== there[0])
  assert.deepEqual(states(other?.[0] ?? ''), [
    ['waiting', 0],
    ['copying', 500],
    ['copying', 2000],
    ['done', 2000],
  ])
})

test('copyImage() leaves no tag and no manifest when a blob fails, and lets nothing run on', async () => {
  const { from, image } = seeded(6)
  const to = new Harbour()
  let pushes = 0
  to.onPush = async () => {
    pushes += 1
    if (pushes === 3) throw new SlipwayError('invalid', 'filesystem layer verification failed')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await assert.rejects(copyImage(from, web, to, web), /filesystem layer verification failed/)
  assert.equal(to.underway, 0)
  assert.equal(to.tags.size, 0)
  assert.equal(to.blobs.has(image.digest), false)
})

test('copyImage() tries a blob again with a fresh stream when the target was cut off', async () => {
  const { from } = seeded(1)
  const to = new Harbour()
  let cuts = 1
  to.onPush = async () => {
    cuts -= 1
    if (cuts === 0) throw new SlipwayError('unavailable', 'unexpected EOF')
  }
  await copyImage(from, web, to, web)
  assert.deepEqual(to.blobs, from.blobs)
})

test('copyImage() ends at once when it is aborted', async () => {
  const { from } = seeded(3)
  const to = new Harbour()
  const controller = new AbortController()
  to.onPush = async () => controller.abort()
  await assert.rejects(copyImage(from, web, to, web, { signal: controller.signal }), { name: 'AbortError' })
  assert.equal(to.tags.size, 0)
  assert.equal(to.pushed.length, 0)
})

const arm: Platform = { os: 'linux', architecture: 'arm64', variant: 'v8' }
const amd: Platform = { os: 'linux', architecture: 'amd64' }

test('copyImage() takes of an index what fits the platform, or else all', async () => {
  const from = new Harbour()
  const manifests = [from.putImage(1, amd), from.putImage(1, arm)]
  const index = from.put({ schemaVersion: 2, manifests }, mediaTypes.ociIndex)
  from.tags.set('v1', index)
  const one = new Harbour()
  const chosen = await copyImage(from, web, one, web, { platform: { os: 'linux', architecture: 'arm64' } })
  assert.equal(chosen.digest, manifests[1]?.digest)
  assert.equal(one.blobs.size, 3)
  const both = new Harbour()
  assert.deepEqual(await copyImage(from, web, both, web), index)
  assert.deepEqual(both.blobs, from.blobs)
  await assert.rejects(copyImage(from, web, one, web, { platform: { os: 'linux', architecture: 's390x' } }), {
    code: 'not-found',
    message: 'no matching manifest for linux/s390x in the manifest list entries',
  })
})

test('copyImage() mounts what a sister repository has', async () => {
  const { from } = seeded(1)
  const to = Object.assign(new Harbour(), { mount: async () => true })
  const sister = parseReference('registry.example/user/base')
  const states: string[] = []
  await copyImage(from, web, to, web, { mountFrom: () => sister, onProgress: ({ state }) => states.push(state) })
  assert.deepEqual(states, ['waiting', 'waiting', 'mounted', 'mounted'])
  assert.equal(to.blobs.size, 1)
})

test('copyImage() refuses manifests that are none', async () => {
  const from = new Harbour()
  const to = new Harbour()
  const config = from.put('{}', mediaTypes.ociConfig)
  const bad = ['nonsense', '[]', { config }, { config, layers: [{}] }, { config, layers: [], manifests: [] }]
  for (const body of bad) {
    from.tags.set('v1', from.put(body, mediaTypes.ociManifest))
    await assert.rejects(copyImage(from, web, to, web), { code: 'invalid' })
  }
  from.tags.set('v1', { ...config, mediaType: mediaTypes.ociManifest, size: 10 ** 9 })
  await assert.rejects(copyImage(from, web, to, web), { code: 'invalid' })
  assert.equal(to.tags.size, 0)
})
