import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '@slipway/core'
import { PostgresServer } from '@slipway/database/testing'
import { checkRegistry } from '../check/check.ts'
import { openRegistryDatabase, openStorage } from '../places.ts'
import { formatSize, parseSize } from '../size.ts'
import { pushBlob, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'

const retention = { unreferencedMs: 0, untaggedMs: 0, trashMs: 0, readersMs: 0 }
const repositories = ['team/a', 'team/b', 'other/c'] as const

/** A client at work: it pushes what others push too, mounts, deletes, and has garbage collected. */
const work = async (registry: TestRegistry, client: number): Promise<void> => {
  for (let round = 0; round < 4; round++) {
    const repository = repositories[(client + round) % 3] ?? 'team/a'
    const layer = `layer ${(client * round) % 5}`
    // A blob may be collected before its manifest names it: with no time to wait, that is as it should be.
    const pushed = await pushImage(registry, repository, `v${client}`, { layer }).catch(() => undefined)
    const mount = `mount=${digestOf(layer)}&from=${repository}`
    await registry.call('POST', `/v2/team/b/blobs/uploads/?${mount}`)
    if (pushed && round % 2 === 1) await registry.call('DELETE', `/v2/${repository}/manifests/${pushed.digest}`)
    if (round % 3 === 2) await registry.call('POST', '/api/v1/gc/run')
  }
}

const staysRight = async (registry: TestRegistry): Promise<void> => {
  const headers = { 'content-type': 'application/json' }
  for (const name of ['team', 'other']) {
    await registry.call('POST', '/api/v1/projects', { headers, body: JSON.stringify({ name }) })
  }
  await Promise.all(Array.from({ length: 5 }, (_, client) => work(registry, client)))
  await using database = await openRegistryDatabase(registry.places)
  await using storage = await openStorage(registry.places)
  const look = { repair: false, sample: 1, orphanAgeMs: 1e9 }
  assert.deepEqual(await Array.fromAsync(checkRegistry({ database, storage }, look)), [])
  await pushBlob(registry, 'team/a', 'the last')
  const [row] = await database.sql<{ used: number }>`SELECT used FROM project WHERE name = 'team'`
  assert.ok((row?.used ?? 0) >= 'the last'.length)
}

test('what projects have used stays right while clients push, mount, delete and collect at once', async () => {
  await using sqlite = await startTestRegistry({ retention, collectEveryMs: 1_000_000 })
  await staysRight(sqlite)
  await using server = await PostgresServer.start()
  const database = await server.createDatabase()
  await using postgres = await startTestRegistry({ database, retention, collectEveryMs: 1_000_000 })
  await staysRight(postgres)
})

test('sizes are read and written in thousands', () => {
  assert.deepEqual(['10GB', '1.5 tb', '500', '0'].map(parseSize), [1e10, 1.5e12, 500, 0])
  assert.deepEqual([9_800_000_000, 1e10, 500, 0, 999_999].map(formatSize), [
    '9.8 GB',
    '10 GB',
    '500 B',
    '0 B',
    '1000 kB',
  ])
  for (const text of ['', 'GB', '-1', '10GiB', '9e9']) assert.throws(() => parseSize(text), /invalid size/)
})
