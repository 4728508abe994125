import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { openSqlite } from '@slipway/database'
import { ensureRepository } from '../metadata/repositories.ts'
import { migrations } from '../metadata/schema.ts'
import { beginUpload, findUpload, uploadLifeMs } from '../metadata/uploads.ts'
import { FileStorage } from '../storage/file-storage.ts'
import { sweepUploads } from './sweep.ts'
import { UploadWriters } from './upload-writers.ts'

const refsOf = async (storage: FileStorage): Promise<readonly string[]> => {
  const refs: string[] = []
  for await (const { ref } of storage.ingests()) refs.push(ref)
  return refs.sort()
}

const writeInto = async (storage: FileStorage, ref: string): Promise<void> => {
  await using ingest = await storage.ingest(ref)
  await ingest.write(Readable.from([Buffer.from('bytes')]))
}

/** One whose name nobody was told. */
const nameless = randomUUID()

test('sweepUploads() drops what nobody has gone on with for a day, and nothing younger or busy', async (t) => {
  await using database = await openSqlite(':memory:')
  await database.migrate(migrations)
  const root = await mkdtemp(join(tmpdir(), 'swt-sweep-'))
  t.after(() => rm(root, { recursive: true }))
  const storage = new FileStorage(root)
  await storage.prepare()
  await using writers = new UploadWriters(storage)
  const registry = { database, storage, writers }
  const { id: repositoryId } = await ensureRepository(database.sql, 'user/app')
  const upload = await beginUpload(database.sql, repositoryId, null)
  for (const ref of [upload.id, nameless]) await writeInto(storage, ref)

  const almost = new Date(Date.now() + uploadLifeMs - 1000)
  assert.equal(await sweepUploads(registry, almost), 0)
  assert.ok(await findUpload(database.sql, 'user/app', upload.id))

  const later = new Date(Date.now() + uploadLifeMs + 1000)
  {
    await using _busy = await writers.open(nameless, () => undefined)
    assert.equal(await sweepUploads(registry, later), 1)
    assert.deepEqual(await refsOf(storage), [nameless])
  }
  assert.equal(await sweepUploads(registry, later), 1)
  assert.deepEqual(await refsOf(storage), [])
  assert.equal(await findUpload(database.sql, 'user/app', upload.id), undefined)
})
