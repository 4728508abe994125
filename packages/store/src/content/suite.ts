import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { type ContentStore, type Digest, digestOf, hasCode } from '@slipway/core'

export interface SuiteStore<Store> extends AsyncDisposable {
  readonly store: Store
}

const put = async (store: ContentStore, bytes: Uint8Array, ref = digestOf(bytes) as string): Promise<Digest> => {
  await using ingest = await store.ingest(ref)
  await ingest.write([bytes])
  return (await ingest.commit({ digest: digestOf(bytes), size: bytes.length })).digest
}

const read = async (store: ContentStore, digest: Digest, range?: { start: number; end?: number }): Promise<Buffer> =>
  buffer(await store.read(digest, range))

type Check = (store: ContentStore) => Promise<void>

const checks: Readonly<Record<string, Check>> = {
  'gives back what was committed': async (store) => {
    const digest = await put(store, Buffer.from('hello'))
    assert.deepEqual(await read(store, digest), Buffer.from('hello'))
    assert.equal((await store.stat(digest))?.size, 5)
  },
  'keeps nothing as well as something': async (store) => {
    const digest = await put(store, Buffer.alloc(0))
    assert.equal((await read(store, digest)).length, 0)
  },
  'takes bodies of many pieces and odd lengths': async (store) => {
    const bytes = randomBytes(5_000_003)
    const chunks = [bytes.subarray(0, 7), bytes.subarray(7, 2_000_000), bytes.subarray(2_000_000)]
    await using ingest = await store.ingest('big')
    assert.equal(await ingest.write(chunks), bytes.length)
    await ingest.commit({ digest: digestOf(bytes), size: bytes.length })
    assert.deepEqual(await read(store, digestOf(bytes)), bytes)
  },
  'takes many small writes, and sha512 too': async (store) => {
    const bytes = randomBytes(1_300_000)
    await using ingest = await store.ingest('small')
    for (let at = 0; at < bytes.length; at += 100_000) await ingest.write([bytes.subarray(at, at + 100_000)])
    const digest = digestOf(bytes, 'sha512')
    await ingest.commit({ digest })
    assert.deepEqual(await read(store, digest), bytes)
  },
  'reads ranges, both ends included': async (store) => {
    const digest = await put(store, Buffer.from('0123456789'))
    assert.equal((await read(store, digest, { start: 2, end: 4 })).toString(), '234')
    assert.equal((await read(store, digest, { start: 7 })).toString(), '789')
    assert.equal((await read(store, digest, { start: 8, end: 99 })).toString(), '89')
    assert.equal((await read(store, digest, { start: 10 })).toString(), '')
    await assert.rejects(store.read(digest, { start: 11 }), (error) => hasCode(error, 'invalid'))
  },
  'says not-found for what is not there': async (store) => {
    await assert.rejects(store.read(digestOf('no')), (error) => hasCode(error, 'not-found'))
    assert.equal(await store.stat(digestOf('no')), undefined)
  },
  'shows nothing before commit': async (store) => {
    await using ingest = await store.ingest('slow')
    await ingest.write([Buffer.from('half')])
    assert.equal(await store.stat(digestOf('half')), undefined)
    assert.deepEqual(await Array.fromAsync(store.list()), [])
  },
  'refuses bytes that are not the expected ones, and forgets them': async (store) => {
    {
      await using ingest = await store.ingest('bad')
      await ingest.write([Buffer.from('evil')])
      await assert.rejects(ingest.commit({ digest: digestOf('good') }), (error) => hasCode(error, 'invalid'))
    }
    assert.equal(await store.stat(digestOf('good')), undefined)
    assert.equal(await store.stat(digestOf('evil')), undefined)
    await using again = await store.ingest('bad')
    assert.equal(again.offset, 0)
  },
  'refuses a wrong size': async (store) => {
    await using ingest = await store.ingest('size')
    await ingest.write([Buffer.from('four')])
    await assert.rejects(ingest.commit({ digest: digestOf('four'), size: 5 }), (error) => hasCode(error, 'invalid'))
  },
  'goes on where a write was left': async (store) => {
    const bytes = randomBytes(3_000_000)
    {
      await using ingest = await store.ingest('resumed')
      assert.equal(await ingest.write([bytes.subarray(0, 1_700_000)]), 1_700_000)
    }
    const [under] = await Array.fromAsync(store.ingests())
    assert.deepEqual([under?.ref, under?.offset], ['resumed', 1_700_000])
    await using ingest = await store.ingest('resumed')
    assert.equal(ingest.offset, 1_700_000)
    await ingest.write([bytes.subarray(1_700_000)])
    await ingest.commit({ digest: digestOf(bytes), size: bytes.length })
    assert.deepEqual(await Array.fromAsync(store.ingests()), [])
  },
  'keeps what came before a source that fails': async (store) => {
    await using ingest = await store.ingest('broken')
    const source = async function* () {
      yield Buffer.from('first')
      throw new Error('the client went away')
    }
    await assert.rejects(ingest.write(source()), /went away/)
    assert.equal(ingest.offset, 5)
    await ingest.write([Buffer.from(' last')])
    await ingest.commit({ digest: digestOf('first last') })
  },
  'lets the second writer of a ref wait for the first': async (store) => {
    const order: string[] = []
    const first = await store.ingest('one')
    const second = store.ingest('one').then(async (ingest) => {
      order.push(`second at ${ingest.offset}`)
      await ingest[Symbol.asyncDispose]()
    })
    await first.write([Buffer.from('abc')])
    order.push('first')
    await first[Symbol.asyncDispose]()
    await second
    assert.deepEqual(order, ['first', 'second at 3'])
  },
  'forgets a discarded write': async (store) => {
    {
      await using ingest = await store.ingest('gone')
      await ingest.write([randomBytes(1_200_000)])
      await ingest.discard()
    }
    assert.deepEqual(await Array.fromAsync(store.ingests()), [])
  },
  'takes the same content twice, also at once': async (store) => {
    const bytes = Buffer.from('twice')
    await Promise.all(['a', 'b', 'c'].map((ref) => put(store, bytes, ref)))
    assert.equal((await Array.fromAsync(store.list())).length, 1)
  },
  'deletes, and deleting nothing is no error': async (store) => {
    const digest = await put(store, Buffer.from('short life'))
    await store.delete(digest)
    await store.delete(digest)
    assert.equal(await store.stat(digest), undefined)
  },
}

/** What every content store promises. Run it with one line in the store's own test. */
export const contentStoreSuite = (name: string, make: () => Promise<SuiteStore<ContentStore>>): void => {
  // Asked for here, so that a daemon that imports this package doesn't load the test runner.
  const { describe, it } = process.getBuiltinModule('node:test')
  describe(name, () => {
    for (const [sentence, check] of Object.entries(checks)) {
      it(sentence, async () => {
        await using made = await make()
        await check(made.store)
      })
    }
  })
}
