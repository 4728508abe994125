import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { digestOf, hexOf } from '@slipway/core'
import { FileStorage } from './file-storage.ts'
import { blobStorageSuite } from './suite.ts'

const openIn = async (root: string): Promise<FileStorage> => {
  const storage = new FileStorage(root)
  await storage.prepare()
  return storage
}

blobStorageSuite('FileStorage', async () => {
  const root = await mkdtemp(join(tmpdir(), 'swt-storage-'))
  return {
    open: () => openIn(root),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
})

test('FileStorage shows what lies there by digest, from before there were keys', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'swt-storage-'))
  t.after(() => rm(root, { recursive: true }))
  const key = `blobs/sha256/${hexOf(digestOf('old'))}`
  await mkdir(join(root, 'blobs/sha256'), { recursive: true })
  await writeFile(join(root, key), 'old')
  const storage = await openIn(root)
  assert.deepEqual(
    (await Array.fromAsync(storage.list())).map((object) => object.key),
    [key],
  )
  assert.equal(await text(await storage.read(key)), 'old')
})

test('FileStorage leaves its directory for no key', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'swt-storage-'))
  t.after(() => rm(root, { recursive: true }))
  const storage = await openIn(root)
  for (const key of ['../secret', 'objects/../../secret', 'objects/ab/../cd', '/etc/passwd', 'objects/ab/x', '']) {
    await assert.rejects(storage.read(key), { code: 'invalid' }, key)
  }
  assert.throws(() => storage.pathOf('objects/aa/\0'), { code: 'invalid' })
})
