import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestOf } from '@slipway/core'
import { temporaryDirectory } from '../temporary-directory.ts'
import { FsContentStore } from './fs.ts'
import { contentStoreSuite } from './suite.ts'

contentStoreSuite('FsContentStore', async () => {
  const directory = await temporaryDirectory()
  return {
    store: await FsContentStore.open(directory.path),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
})

test('adopt() moves a scratch file into the store', async () => {
  await using directory = await temporaryDirectory()
  const store = await FsContentStore.open(directory.path)
  const path = store.scratchPath()
  await writeFile(path, 'made elsewhere')
  await store.adopt(path, { digest: digestOf('made elsewhere'), size: 14 })
  assert.equal((await store.stat(digestOf('made elsewhere')))?.size, 14)
  assert.deepEqual(await readdir(join(directory.path, 'scratch')), [])
})

test('open() removes scratch files of a process that died, and keeps its writes under way', async () => {
  await using directory = await temporaryDirectory()
  const before = await FsContentStore.open(directory.path)
  await writeFile(before.scratchPath(), 'half')
  {
    await using ingest = await before.ingest('upload')
    await ingest.write([Buffer.from('half')])
  }
  const after = await FsContentStore.open(directory.path)
  assert.deepEqual(await readdir(join(directory.path, 'scratch')), [])
  await using ingest = await after.ingest('upload')
  assert.equal(ingest.offset, 4)
})

test('open() removes writes that a crash left before their first byte or after their last', async () => {
  await using directory = await temporaryDirectory()
  await FsContentStore.open(directory.path)
  const ingests = join(directory.path, 'ingests')
  for (const name of ['unbegun', 'over.gone']) await mkdir(join(ingests, name))
  await writeFile(join(ingests, 'unbegun/ref'), 'up')
  await writeFile(join(ingests, 'over.gone/data'), 'half')
  await FsContentStore.open(directory.path)
  assert.deepEqual(await readdir(ingests), [])
})

test('large content is as it came, odd length and all, in one go and taken up in the middle', async () => {
  await using directory = await temporaryDirectory()
  const store = await FsContentStore.open(directory.path)
  const bytes = randomBytes(9_000_001)
  const expected = { digest: digestOf(bytes), size: bytes.length }
  for (const [ref, cuts] of Object.entries({ whole: [0], odd: [0, 5_000_003], even: [0, 4096, 6 << 20] })) {
    for (const [place, start] of cuts.entries()) {
      await using ingest = await store.ingest(ref)
      assert.equal(ingest.offset, start)
      const end = cuts[place + 1] ?? bytes.length
      const chunks = Array.from({ length: Math.ceil((end - start) / 70_000) }, (_, at) =>
        bytes.subarray(start + at * 70_000, Math.min(end, start + (at + 1) * 70_000)),
      )
      await ingest.write(chunks)
      if (end === bytes.length) await ingest.commit(expected)
    }
    assert.ok((await readFile(store.pathOf(expected.digest))).equals(bytes))
    await store.delete(expected.digest)
  }
})
