import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import {
  type Bytes,
  type CanStream,
  type CopyProgress,
  type Descriptor,
  digestOf,
  type ImageSource,
  type ImageTarget,
  mediaTypes,
  parseReference,
  SlipwayError,
} from '@slipway/core'
import { openCopy } from './copy.ts'

const reference = parseReference('registry.example/user/web:v1')
const megabyte = 1 << 20

/** A target that counts how each blob came. */
class Quay implements ImageTarget, CanStream {
  readonly blobs = new Map<string, Buffer>()
  readonly streamed: string[] = []
  readonly pushed: string[] = []
  fault: Error | undefined

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.blobs.has(digest)
  }
  async push({ digest }: Descriptor, bytes: Bytes): Promise<void> {
    this.blobs.set(digest, await buffer(Readable.from(bytes)))
    this.pushed.push(digest)
  }
  async stream(bytes: Bytes, made: Promise<Descriptor>): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of bytes) {
      if (this.fault !== undefined) throw this.fault
      chunks.push(Buffer.from(chunk))
    }
    const { digest } = await made
    this.blobs.set(digest, Buffer.concat(chunks))
    this.streamed.push(digest)
  }
  async tag(): Promise<void> {}
}

/** A layer that is made piece by piece, and an image of it. */
const making = (size: number) => {
  const bytes = randomBytes(size)
  const config = Buffer.from('{}')
  const of = (mediaType: string, of: Buffer): Descriptor => ({ mediaType, digest: digestOf(of), size: of.length })
  const layer = of(mediaTypes.ociLayerGzip, bytes)
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, config: of(mediaTypes.ociConfig, config), layers: [layer] }),
  )
  const kept = new Map([config, manifest].map((each) => [digestOf(each), each]))
  const source: ImageSource = {
    resolve: async () => of(mediaTypes.ociManifest, manifest),
    fetch: async ({ digest }) => Readable.from([kept.get(digest) ?? assert.fail(`${digest} is not kept yet`)]),
  }
  const told = Promise.withResolvers<Descriptor>()
  const stored = Promise.withResolvers<void>()
  let read = 0
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    const piece = Buffer.alloc(megabyte / 4)
    for (; read < size; read += piece.length) {
      // One buffer for all of them, as those who make layers have.
      yield piece.subarray(0, bytes.copy(piece, 0, read))
    }
    told.resolve(layer)
    await new Promise((resolve) => setTimeout(resolve, 5))
    kept.set(layer.digest, bytes)
    stored.resolve()
  }
  const blob = { bytes: pieces(), made: told.promise, kept: stored.promise }
  return { source, blob, layer, bytes, descriptor: of(mediaTypes.ociManifest, manifest), isRead: () => read >= size }
}

const sail = async (to: ImageTarget, size: number) => {
  const image = making(size)
  const states: string[] = []
  const onProgress = ({ descriptor, state }: CopyProgress): void => {
    if (descriptor.digest === image.layer.digest) states.push(state)
  }
  await using copy = openCopy(image.source, to, { onProgress })
  copy.stream(image.blob)
  await image.blob.made
  await copy.finish(image.descriptor, reference)
  return { ...image, states }
}

test('a blob goes while it is made, and is not sent or asked for again', async () => {
  const to = new Quay()
  const { layer, bytes, states } = await sail(to, 3 * megabyte)
  assert.deepEqual(to.blobs.get(layer.digest), bytes)
  assert.deepEqual(to.streamed, [layer.digest])
  assert.equal(to.pushed.includes(layer.digest), false)
  assert.deepEqual(states, ['done'])
})

test('what is small, and what can’t be streamed, goes like any other when it is made', async () => {
  const [streaming, cut] = [new Quay(), new Quay()]
  cut.fault = new SlipwayError('unavailable', 'unexpected EOF')
  const plain = new Quay()
  const unable: ImageTarget = { has: (d) => plain.has(d), push: (d, b) => plain.push(d, b), tag: async () => {} }
  const moved = [
    [streaming, await sail(streaming, 50_000)],
    [cut, await sail(cut, 2 * megabyte)],
    [plain, await sail(unable, 2 * megabyte)],
  ] as const
  for (const [to, { layer, bytes, states }] of moved) {
    assert.deepEqual(to.blobs.get(layer.digest), bytes)
    assert.deepEqual(to.streamed, [])
    assert.equal(states.at(-1), 'done')
  }
})

test('what is denied is not tried again, and what is made is read to its end all the same', async () => {
  const to = new Quay()
  to.fault = new SlipwayError('forbidden', 'denied: requested access to the resource is denied')
  const image = making(2 * megabyte)
  await using copy = openCopy(image.source, to)
  copy.stream(image.blob)
  await image.blob.kept
  assert.ok(image.isRead())
  await assert.rejects(copy.finish(image.descriptor, reference), { code: 'forbidden' })
  assert.deepEqual(to.pushed, [])
})

test('a making that fails is what is told', async () => {
  const to = new Quay()
  const { source, descriptor } = making(megabyte)
  const fault = new SlipwayError('internal', 'disk on fire')
  const made = Promise.reject(fault)
  made.catch(() => {})
  async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.alloc(megabyte)
    throw fault
  }
  await using copy = openCopy(source, to)
  copy.stream({ bytes: bytes(), made, kept: made })
  await new Promise((resolve) => setTimeout(resolve, 5))
  await assert.rejects(copy.finish(descriptor, reference), /disk on fire/)
  assert.deepEqual(to.streamed, [])
})
