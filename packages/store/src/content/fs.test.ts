import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
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
