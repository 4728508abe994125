import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { type ByteRange, digestOf, hasCode } from '@slipway/core'
import { type BlobStorage, objectKey } from './storage.ts'

/** A storage that can be closed and opened again over the same bytes, as by the next process. */
export interface StorageUnderTest extends AsyncDisposable {
  open(): Promise<BlobStorage>
}

const put = async (storage: BlobStorage, bytes: Uint8Array, id: string = randomUUID()): Promise<string> => {
  await using ingest = await storage.ingest(id)
  await ingest.write([bytes])
  await ingest.commit({ digest: digestOf(bytes), size: bytes.length })
  return objectKey(id)
}

const read = async (storage: BlobStorage, key: string, range?: ByteRange): Promise<Buffer> =>
  buffer(await storage.read(key, range))

const keysOf = async (storage: BlobStorage): Promise<readonly string[]> =>
  (await Array.fromAsync(storage.list())).map(({ key }) => key).sort()

const checks: Readonly<Record<string, (made: StorageUnderTest) => Promise<void>>> = {
  'gives back what was committed, to the next process too': async (made) => {
    const key = await put(await made.open(), Buffer.from('hello'))
    const storage = await made.open()
    assert.deepEqual(await read(storage, key), Buffer.from('hello'))
    assert.equal((await storage.stat(key))?.size, 5)
  },
  'keeps nothing as well as something': async (made) => {
    const storage = await made.open()
    assert.equal((await read(storage, await put(storage, Buffer.alloc(0)))).length, 0)
  },
  'reads ranges, both ends included': async (made) => {
    const storage = await made.open()
    const key = await put(storage, Buffer.from('0123456789'))
    assert.equal((await read(storage, key, { start: 2, end: 4 })).toString(), '234')
    assert.equal((await read(storage, key, { start: 7 })).toString(), '789')
    assert.equal((await read(storage, key, { start: 8, end: 99 })).toString(), '89')
    await assert.rejects(storage.read(key, { start: 11 }), (error) => hasCode(error, 'invalid'))
  },
  'keeps the same bytes under two keys, and one survives the other': async (made) => {
    const storage = await made.open()
    const [one, other] = [await put(storage, Buffer.from('twice')), await put(storage, Buffer.from('twice'))]
    assert.deepEqual(await keysOf(storage), [one, other].sort())
    await storage.delete(one)
    assert.equal((await read(storage, other)).toString(), 'twice')
  },
  'takes up a write where the last process left it, and knows the digest of the whole': async (made) => {
    const bytes = randomBytes(3_000_000)
    const id = randomUUID()
    {
      await using ingest = await (await made.open()).ingest(id)
      assert.equal(await ingest.write([bytes.subarray(0, 1_700_000)]), 1_700_000)
    }
    const storage = await made.open()
    const [under] = await Array.fromAsync(storage.ingests())
    assert.deepEqual([under?.ref, under?.offset], [id, 1_700_000])
    await using ingest = await storage.ingest(id)
    assert.equal(ingest.offset, 1_700_000)
    await ingest.write([bytes.subarray(1_700_000)])
    await ingest.commit({ digest: digestOf(bytes), size: bytes.length })
    assert.deepEqual(await read(storage, objectKey(id)), bytes)
    assert.deepEqual(await Array.fromAsync(storage.ingests()), [])
  },
  'shows nothing before commit, and nothing of a write that was discarded': async (made) => {
    const storage = await made.open()
    const id = randomUUID()
    await using ingest = await storage.ingest(id)
    await ingest.write([Buffer.from('half')])
    assert.equal(await storage.stat(objectKey(id)), undefined)
    assert.deepEqual(await keysOf(storage), [])
    await ingest.discard()
    assert.deepEqual(await Array.fromAsync(storage.ingests()), [])
  },
  'refuses bytes that are not the expected ones, by either algorithm, and forgets them': async (made) => {
    const storage = await made.open()
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const id = randomUUID()
      await using ingest = await storage.ingest(id)
      await ingest.write([Buffer.from('evil')])
      const committing = ingest.commit({ digest: digestOf('good', algorithm) })
      await assert.rejects(committing, (error) => hasCode(error, 'invalid'))
      assert.equal(await storage.stat(objectKey(id)), undefined)
    }
    assert.deepEqual(await Array.fromAsync(storage.ingests()), [])
  },
  'keeps what came, whatever becomes of the memory it came in': async (made) => {
    const storage = await made.open()
    const bytes = randomBytes(1_000_000)
    const source = function* () {
      for (let at = 0; at < bytes.length; at += 100_000) {
        const piece = Uint8Array.from(bytes.subarray(at, at + 100_000))
        yield piece
        piece.buffer.transfer(0)
      }
    }
    const id = randomUUID()
    await using ingest = await storage.ingest(id)
    await ingest.write(source())
    await ingest.commit({ digest: digestOf(bytes), size: bytes.length })
    assert.deepEqual(await read(storage, objectKey(id)), bytes)
  },
  'keeps what came before a source that fails': async (made) => {
    const storage = await made.open()
    await using ingest = await storage.ingest(randomUUID())
    const source = async function* () {
      yield Buffer.from('first')
      throw new Error('the client went away')
    }
    await assert.rejects(ingest.write(source()), /went away/)
    assert.equal(ingest.offset, 5)
  },
  'lets the second writer of an upload wait for the first': async (made) => {
    const storage = await made.open()
    const id = randomUUID()
    const order: string[] = []
    const first = await storage.ingest(id)
    const second = storage.ingest(id).then(async (ingest) => {
      order.push(`second at ${ingest.offset}`)
      await ingest[Symbol.asyncDispose]()
    })
    await first.write([Buffer.from('abc')])
    order.push('first')
    await first[Symbol.asyncDispose]()
    await second
    assert.deepEqual(order, ['first', 'second at 3'])
  },
  'deletes, and deleting nothing is no error': async (made) => {
    const storage = await made.open()
    const key = await put(storage, Buffer.from('short life'))
    await storage.delete(key)
    await storage.delete(key)
    assert.equal(await storage.stat(key), undefined)
    await assert.rejects(storage.read(key), (error) => hasCode(error, 'not-found'))
    assert.deepEqual(await keysOf(storage), [])
  },
  'lets a reader finish that began before the deletion': async (made) => {
    const storage = await made.open()
    const bytes = randomBytes(2_000_000)
    const key = await put(storage, bytes)
    const reading = await storage.read(key)
    await storage.delete(key)
    assert.deepEqual(await buffer(reading), bytes)
  },
}

/** What every storage of blobs promises. Run it with one line in the storage's own test. */
export const blobStorageSuite = (name: string, make: () => Promise<StorageUnderTest>): void => {
  // Asked for here, so that a registry that imports this doesn't load the test runner.
  const { describe, it } = process.getBuiltinModule('node:test')
  describe(name, () => {
    for (const [sentence, check] of Object.entries(checks)) {
      it(sentence, async () => {
        await using made = await make()
        await check(made)
      })
    }
  })
}
