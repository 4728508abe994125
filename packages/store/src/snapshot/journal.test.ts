import assert from 'node:assert/strict'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../temporary-directory.ts'
import { Journal, type SnapshotRecord } from './journal.ts'

const record = (id: number, name = `snapshot ${id}`): SnapshotRecord => ({
  id,
  name,
  kind: 'active',
  createdAt: '2026-01-01T00:00:00.000Z',
})

test('what was put, renamed and gone is so for the next process', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'journal')
  {
    await using journal = await Journal.open(path)
    await Promise.all([1, 2, 3].map((id) => journal.append({ put: record(id) }, { durable: id === 2 })))
    await journal.append({ put: record(2, 'renamed'), was: 'snapshot 2' })
    await journal.append({ gone: 'snapshot 3' })
  }
  await using journal = await Journal.open(path)
  assert.deepEqual([...journal.records.values()], [record(1), record(2, 'renamed')])
})

test('a last line that a crash cut short is forgotten, and what comes after it is kept', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'journal')
  {
    await using journal = await Journal.open(path)
    await journal.append({ put: record(1) })
  }
  await appendFile(path, '{"put":{"id":2,"na')
  {
    await using journal = await Journal.open(path)
    await journal.append({ put: record(3) })
  }
  await using journal = await Journal.open(path)
  assert.deepEqual([...journal.records.keys()], ['snapshot 1', 'snapshot 3'])
})

test('opening writes only what still is', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'journal')
  {
    await using journal = await Journal.open(path)
    for (let id = 0; id < 50; id++) {
      await journal.append({ put: record(id) })
      await journal.append({ gone: `snapshot ${id}` })
    }
  }
  await using _ = await Journal.open(path)
  assert.equal(await readFile(path, 'utf8'), '')
})
