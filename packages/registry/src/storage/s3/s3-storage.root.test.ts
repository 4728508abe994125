import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { digestOf, hasCode } from '@slipway/core'
import { type BlobStorage, type HasCheckpoint, objectKey } from '../storage.ts'
import { blobStorageSuite } from '../suite.ts'
import { S3Storage } from './s3-storage.ts'
import { Moto } from './testing/moto.ts'
import { Troubled } from './testing/troubled.ts'

const put = async (storage: BlobStorage, bytes: Uint8Array): Promise<string> => {
  const id = randomUUID()
  await using ingest = await storage.ingest(id)
  await ingest.write([bytes])
  await ingest.commit({ digest: digestOf(bytes), size: bytes.length })
  return objectKey(id)
}

const checkpoint = (ingest: object): Promise<void> => (ingest as HasCheckpoint).checkpoint()

describe('S3', () => {
  let moto: Moto
  before(async () => {
    moto = await Moto.start()
  })
  after(() => moto[Symbol.asyncDispose]())

  blobStorageSuite('S3Storage', async () => {
    const options = await moto.createBucket()
    const stack = new AsyncDisposableStack()
    const open = async (): Promise<BlobStorage> => {
      const storage = stack.use(new S3Storage(options))
      await storage.prepare()
      return storage
    }
    return { open, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  })

  test('what is larger than a part goes in parts, and another process goes on where one was promised', async () => {
    const options = await moto.createBucket()
    await using one = new S3Storage(options)
    await using other = new S3Storage(options)
    const bytes = randomBytes(17 << 20)
    const [id, digest] = [randomUUID(), digestOf(bytes)]
    const first = await one.ingest(id)
    await first.write([bytes.subarray(0, 7 << 20), bytes.subarray(7 << 20, 11 << 20)])
    await checkpoint(first)
    {
      await using second = await other.ingest(id)
      assert.equal(second.offset, 11 << 20)
      await second.write([bytes.subarray(11 << 20)])
      await checkpoint(second)
      // The first process sees that it isn't the last any more.
      assert.equal(await (first as unknown as HasCheckpoint).isCurrent(), false)
    }
    await first[Symbol.asyncDispose]()
    await using third = await one.ingest(id)
    assert.equal(third.offset, bytes.length)
    await third.commit({ digest })
    assert.equal(digestOf(await buffer(await other.read(objectKey(id)))), digest)
    assert.deepEqual(await Array.fromAsync(one.ingests()), [])
  })

  test('a large write of other bytes than promised leaves nothing, also when nobody hashed all of it', async () => {
    await using storage = new S3Storage(await moto.createBucket())
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const id = randomUUID()
      await using ingest = await storage.ingest(id)
      await ingest.write([randomBytes(6 << 20)])
      const committing = ingest.commit({ digest: digestOf('other', algorithm) })
      await assert.rejects(committing, (error) => hasCode(error, 'invalid'))
    }
    assert.deepEqual(await Array.fromAsync(storage.ingests()), [])
    assert.deepEqual(await Array.fromAsync(storage.list()), [])
  })

  test('a multipart upload of a process that died is found, and can be discarded', async () => {
    const options = await moto.createBucket()
    await using storage = new S3Storage(options)
    const id = randomUUID()
    const key = `${options.prefix}${objectKey(id)}`
    await fetch(`${options.endpoint}/${options.bucket}/${key}?uploads`, { method: 'POST' })
    const [found] = await Array.fromAsync(storage.ingests())
    assert.deepEqual([found?.ref, found?.offset], [id, 0])
    await using ingest = await storage.ingest(id)
    await ingest.discard()
    assert.deepEqual(await Array.fromAsync(storage.ingests()), [])
  })

  test('a commit that was done before a crash is done again without harm', async () => {
    const options = await moto.createBucket()
    await using one = new S3Storage(options)
    await using other = new S3Storage(options)
    const bytes = randomBytes(6 << 20)
    const id = randomUUID()
    await using first = await one.ingest(id)
    await first.write([bytes])
    await checkpoint(first)
    await using second = await other.ingest(id)
    await first.commit({ digest: digestOf(bytes) })
    await second.commit({ digest: digestOf(bytes) })
    assert.equal((await other.stat(objectKey(id)))?.size, bytes.length)
  })

  test('lists thousands, page by page', async () => {
    await using storage = new S3Storage(await moto.createBucket())
    for (let pushed = 0; pushed < 1050; pushed += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, at) => put(storage, Buffer.from(`${pushed + at}`))))
    }
    assert.equal((await Array.fromAsync(storage.list())).length, 1050)
  })

  test('a bucket that is not there is said so at the start', async () => {
    await using storage = new S3Storage({ ...(await moto.createBucket()), bucket: 'no-such-bucket' })
    await assert.rejects(storage.prepare(), /No such bucket: no-such-bucket/)
  })

  test('an address that was signed gives the bytes to whoever has it', async () => {
    await using storage = new S3Storage({ ...(await moto.createBucket()), redirect: true })
    const url = await storage.redirectFor(await put(storage, Buffer.from('for everyone')))
    assert.equal(await (await fetch(url ?? '')).text(), 'for everyone')
    assert.match(url?.search ?? '', /X-Amz-Expires=3600&.*X-Amz-Signature=[0-9a-f]{64}/)
    assert.doesNotMatch(url?.href ?? '', /test-secret/)
  })

  test('what fails in passing is done again, and a read that breaks goes on', async () => {
    await using troubled = await Troubled.before(moto.url)
    await using storage = new S3Storage({ ...(await moto.createBucket()), endpoint: troubled.url })
    let count = 0
    const troubles = [503, 'reset', 'pass', 'reset', 500, 'pass'] as const
    troubled.trouble = () => troubles[count++ % troubles.length] ?? 'pass'
    const bytes = randomBytes(12 << 20)
    const key = await put(storage, bytes)
    let cuts = 0
    troubled.trouble = ({ method }) => (method === 'GET' && cuts++ < 2 ? 'cut' : 'pass')
    assert.equal(Buffer.compare(await buffer(await storage.read(key)), bytes), 0)
    cuts = 0
    const part = await buffer(await storage.read(key, { start: 1_000_000, end: 9_999_999 }))
    assert.equal(Buffer.compare(part, bytes.subarray(1_000_000, 10_000_000)), 0)
  })

  test('answers that get lost are asked for again, and what was done already is known as our own', async () => {
    await using troubled = await Troubled.before(moto.url)
    await using storage = new S3Storage({ ...(await moto.createBucket()), endpoint: troubled.url })
    const seen = new Map<string, number>()
    troubled.trouble = ({ method, url }) => {
      const name = `${method} ${url?.replace(/uploadId=[^&]*/, '')}`
      const times = (seen.get(name) ?? 0) + 1
      seen.set(name, times)
      if (times > 2) return 'pass'
      return times === 1 ? 'cut' : 'lost'
    }
    const bytes = randomBytes(12 << 20)
    const [id, digest] = [randomUUID(), digestOf(bytes)]
    for (const [start, end] of [
      [0, 1000],
      [1000, 7 << 20],
      [7 << 20, bytes.length],
    ] as const) {
      await using ingest = await storage.ingest(id)
      assert.equal(ingest.offset, start)
      await ingest.write([bytes.subarray(start, end)])
      await checkpoint(ingest)
    }
    await using ingest = await storage.ingest(id)
    await ingest.commit({ digest })
    assert.equal(digestOf(await buffer(await storage.read(objectKey(id)))), digest)
    assert.deepEqual(await Array.fromAsync(storage.list(), ({ key }) => key), [objectKey(id)])
  })

  test('what goes on failing is unavailable, and what was promised before is kept', async () => {
    await using troubled = await Troubled.before(moto.url)
    await using storage = new S3Storage({ ...(await moto.createBucket()), endpoint: troubled.url })
    const bytes = randomBytes(12 << 20)
    const id = randomUUID()
    const isUnavailable = (seconds: number) => (error: unknown) =>
      hasCode(error, 'unavailable') && error.detail['retryAfterSeconds'] === seconds
    for (const [trouble, seconds] of [
      [503, 5],
      ['reset', 5],
      [507, 60],
    ] as const) {
      {
        await using ingest = await storage.ingest(id)
        if (ingest.offset === 0) {
          await ingest.write([bytes.subarray(0, 1000)])
          await checkpoint(ingest)
        }
        troubled.trouble = () => trouble
        await assert.rejects(ingest.write([bytes.subarray(1000)]), isUnavailable(seconds))
        await assert.rejects(storage.stat(objectKey(id)), isUnavailable(seconds))
      }
      troubled.trouble = () => 'pass'
    }
    await using ingest = await storage.ingest(id)
    assert.equal(ingest.offset, 1000)
    await ingest.write([bytes.subarray(1000)])
    await ingest.commit({ digest: digestOf(bytes) })
  })
})
