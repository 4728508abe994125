import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { silentLogger } from '@slipway/core'
import { openSqlite } from '@slipway/database'
import { MemoryContentStore } from '@slipway/store'
import { ensureRepository } from '../metadata/repositories.ts'
import { migrations } from '../metadata/schema.ts'
import { beginUpload, findUpload, uploadLifeMs } from '../metadata/uploads.ts'
import type { Registry } from '../registry.ts'
import { sweepUploads } from './sweep.ts'
import { UploadWriters } from './upload-writers.ts'

const refsOf = async (content: MemoryContentStore): Promise<readonly string[]> => {
  const refs: string[] = []
  for await (const { ref } of content.ingests()) refs.push(ref)
  return refs.sort()
}

const writeInto = async (content: MemoryContentStore, ref: string): Promise<void> => {
  await using ingest = await content.ingest(ref)
  await ingest.write(Readable.from([Buffer.from('bytes')]))
}

test('sweepUploads() drops what nobody has gone on with for a day, and nothing younger or busy', async () => {
  await using database = await openSqlite(':memory:')
  await database.migrate(migrations)
  const content = new MemoryContentStore()
  await using writers = new UploadWriters(content)
  const registry = { database, content, writers, logger: silentLogger } as unknown as Registry
  const { id: repositoryId } = await ensureRepository(database.sql, 'user/app')
  const upload = await beginUpload(database.sql, repositoryId, null)
  for (const ref of [upload.id, 'nameless']) await writeInto(content, ref)

  const almost = new Date(Date.now() + uploadLifeMs - 1000)
  assert.equal(await sweepUploads(registry, almost), 0)
  assert.ok(await findUpload(database.sql, 'user/app', upload.id))

  const later = new Date(Date.now() + uploadLifeMs + 1000)
  {
    await using _busy = await writers.open('nameless', () => undefined)
    assert.equal(await sweepUploads(registry, later), 1)
    assert.deepEqual(await refsOf(content), ['nameless'])
  }
  assert.equal(await sweepUploads(registry, later), 1)
  assert.deepEqual(await refsOf(content), [])
  assert.equal(await findUpload(database.sql, 'user/app', upload.id), undefined)
})
