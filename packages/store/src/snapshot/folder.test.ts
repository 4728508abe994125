import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ChainId, hasCode } from '@slipway/core'
import { temporaryDirectory } from '../temporary-directory.ts'
import { SnapshotFolder } from './folder.ts'

const nothing = async () => undefined

const commitEmpty = async (folder: SnapshotFolder, name: ChainId): Promise<void> => {
  await folder.create({ name: 'empty', kind: 'active', fill: nothing })
  await folder.commit('empty', name)
}

test('a directory that one driver made is refused to another', async () => {
  await using directory = await temporaryDirectory()
  await using _ = await SnapshotFolder.open(directory.path, 'overlay')
  await assert.rejects(SnapshotFolder.open(directory.path, 'copy'), (error: Error) => {
    assert.match(error.message, /made by the overlay driver, and copy is asked for/)
    return hasCode(error, 'conflict')
  })
})

test('cleanup() takes away what no record names, and nothing else', async () => {
  await using directory = await temporaryDirectory()
  {
    await using folder = await SnapshotFolder.open(directory.path, 'copy')
    await folder.create({ name: 'kept', kind: 'active', fill: nothing })
  }
  await mkdir(join(directory.path, 'layers/77/fs'), { recursive: true })
  await writeFile(join(directory.path, 'layers/77/fs/half'), 'done')
  await mkdir(join(directory.path, 'trash/5/fs'), { recursive: true })
  await mkdir(join(directory.path, 'layers/junk/077'), { recursive: true })
  {
    await using folder = await SnapshotFolder.open(directory.path, 'copy')
    assert.deepEqual(
      (await folder.strays()).toSorted(),
      ['77', 'junk'].map((stray) => join(directory.path, 'layers', stray)),
    )
    await folder.cleanup()
    assert.deepEqual(await folder.strays(), [])
    const next = await folder.create({ name: 'next', kind: 'active', fill: nothing })
    assert.equal(next.id, 78)
  }
  assert.deepEqual(await readdir(join(directory.path, 'trash')), [])
  assert.deepEqual((await readdir(join(directory.path, 'layers'))).sort(), ['1', '78'])
})

test('a snapshot that could not be filled leaves nothing, and its parent can go', async () => {
  await using directory = await temporaryDirectory()
  await using folder = await SnapshotFolder.open(directory.path, 'copy')
  const parent = 'sha256:aa' as const
  await commitEmpty(folder, parent)
  const failing = async () => {
    throw new Error('no space left')
  }
  await assert.rejects(folder.create({ name: 'box', kind: 'active', parent, fill: failing }), /no space/)
  await folder.remove(parent)
  assert.deepEqual(folder.list(), [])
  assert.deepEqual(await readdir(join(directory.path, 'layers')), [])
})

test('a parent cannot be removed while a snapshot on it is being made', async () => {
  await using directory = await temporaryDirectory()
  await using folder = await SnapshotFolder.open(directory.path, 'copy')
  const parent = 'sha256:aa' as const
  await commitEmpty(folder, parent)
  const making = folder.create({ name: 'box', kind: 'active', parent, fill: nothing })
  await assert.rejects(folder.remove(parent), (error) => hasCode(error, 'conflict'))
  await making
})
