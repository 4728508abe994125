import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestOf, hexOf, mediaTypes } from '@slipway/core'
import { openSqlite } from '@slipway/database'
import { startRegistry } from '../compose.ts'
import { findWrongUse } from '../projects/use.ts'
import { migrations } from './schema.ts'

test('a data root from before there were storage keys is served on, and nothing of it is collected', async (t) => {
  const dataRoot = await mkdtemp(join(tmpdir(), 'swt-upgrade-'))
  t.after(() => rm(dataRoot, { recursive: true }))
  const [blob, manifest] = ['an old blob', '{"old":"manifest"}']
  const [at, digest] = ['2020-01-01T00:00:00.000Z', digestOf(blob)]
  {
    await using database = await openSqlite(join(dataRoot, 'registry.db'))
    await database.migrate(migrations.filter(({ name }) => name < 'registry-0003'))
    const { sql } = database
    await sql`INSERT INTO repository (id, name, created_at) VALUES (7, 'user/app', ${at})`
    await sql`
      INSERT INTO blob (digest, size, storage_key, protected_until, created_at)
      VALUES (${digest}, ${blob.length}, ${digest}, ${at}, ${at})`
    await sql`INSERT INTO repository_blob VALUES (7, ${digest}, ${at})`
    await sql`
      INSERT INTO manifest (repository_id, digest, media_type, payload, size, total_size, pushed_at)
      VALUES (7, ${digestOf(manifest)}, ${mediaTypes.ociManifest}, ${Buffer.from(manifest)}, 1, 1, ${at})`
    await sql`INSERT INTO manifest_reference VALUES (7, ${digestOf(manifest)}, 'blob', ${digest})`
  }
  await mkdir(join(dataRoot, 'content/blobs/sha256'), { recursive: true })
  await writeFile(join(dataRoot, 'content/blobs/sha256', hexOf(digest)), blob)

  await using registry = await startRegistry({ listen: { host: '127.0.0.1', port: 0 }, dataRoot })
  const call = (method: string, path: string) => fetch(`http://${registry.address}${path}`, { method })
  assert.equal((await call('POST', '/api/v1/gc/run')).status, 200)
  assert.equal(await (await call('GET', `/v2/user/app/blobs/${digest}`)).text(), blob)
  assert.equal(await (await call('GET', `/v2/user/app/manifests/${digestOf(manifest)}`)).text(), manifest)
})

test('manifests that were there before they counted are counted', async () => {
  await using database = await openSqlite(':memory:')
  const counted = migrations.findIndex(({ name }) => name === 'registry-projects-0004-manifests')
  await database.migrate(migrations.slice(0, counted))
  const { sql } = database
  const at = '2020-01-01T00:00:00.000Z'
  for (const [id, name, project] of [
    [1, 'team/app', 'team'],
    [2, 'team/tool', 'team'],
    [3, 'alone', ''],
  ] as const) {
    await sql`INSERT INTO repository (id, name, project, created_at) VALUES (${id}, ${name}, ${project}, ${at})`
    await sql`
      INSERT INTO manifest (repository_id, digest, media_type, payload, size, total_size, pushed_at)
      VALUES (${id}, 'sha256:1', ${mediaTypes.ociManifest}, ${Buffer.from('{}')}, ${id}, 1, ${at})`
  }
  await sql`INSERT INTO project (name, visibility, created_at) VALUES ('team', 'public', ${at}), ('empty', 'public', ${at})`
  await database.migrate(migrations)
  const projects = await sql`SELECT name, used FROM project ORDER BY name`
  assert.deepEqual(
    projects.map((row) => ({ ...row })),
    [
      { name: 'empty', used: 0 },
      { name: 'team', used: 3 },
    ],
  )
  assert.deepEqual(await findWrongUse(sql), [])
})
