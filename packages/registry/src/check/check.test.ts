import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { digestOf } from '@slipway/core'
import { openRegistryDatabase, openStorage } from '../places.ts'
import { objectKey } from '../storage/storage.ts'
import { pushBlob, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { type CheckOptions, checkRegistry, type Finding } from './check.ts'

const look: CheckOptions = { repair: false, sample: 1, orphanAgeMs: 0 }
const repair: CheckOptions = { ...look, repair: true }

const check = async ({ places }: TestRegistry, options = look): Promise<readonly Finding[]> => {
  await using database = await openRegistryDatabase(places)
  return await Array.fromAsync(checkRegistry({ database, storage: await openStorage(places) }, options))
}

/** The file with these bytes. */
const fileOf = async ({ dataRoot }: TestRegistry, bytes: string): Promise<string> => {
  const root = join(dataRoot, 'content/objects')
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && (await readFile(path, 'utf8')) === bytes) return path
  }
  throw new Error('no such object')
}

const damages: Readonly<Record<string, (path: string) => Promise<void>>> = {
  missing: (path) => rm(path),
  'wrong size': (path) => truncate(path, 3),
  damaged: async (path) => {
    await chmod(path, 0o644)
    await writeFile(path, 'A LAYER')
  },
}

for (const [problem, damage] of Object.entries(damages)) {
  test(`check finds a blob that is ${problem}; repaired, it is healed by the next push of it`, async () => {
    await using registry = await startTestRegistry()
    await pushImage(registry, 'user/app', 'v1')
    assert.deepEqual(await check(registry), [])
    await damage(await fileOf(registry, 'a layer'))
    const what = digestOf('a layer')
    assert.deepEqual(await check(registry), [{ problem, what, repaired: false }])
    assert.deepEqual(await check(registry, repair), [{ problem, what, repaired: true }])

    const path = `/v2/user/app/blobs/${what}`
    assert.equal((await registry.call('HEAD', path)).status, 404)
    await pushBlob(registry, 'user/other', 'a layer')
    assert.equal(await (await registry.call('GET', path)).text(), 'a layer')
    await registry.call('POST', '/api/v1/gc/run')
    assert.deepEqual(await check(registry), [])
  })
}

test('a push of a blob whose bytes are missing heals it, also before anyone checked', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/app', 'v1')
  await rm(await fileOf(registry, 'a layer'))
  const path = `/v2/user/app/blobs/${digestOf('a layer')}`
  assert.equal((await registry.call('GET', path)).status, 404)
  await pushBlob(registry, 'user/app', 'a layer')
  assert.equal(await (await registry.call('GET', path)).text(), 'a layer')
})

test('an object that nothing names is an orphan once it is old enough, and repair has it deleted', async () => {
  await using registry = await startTestRegistry()
  const key = objectKey(randomUUID())
  const path = join(registry.dataRoot, 'content', key)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'nobody’s')
  assert.deepEqual(await check(registry, { ...look, orphanAgeMs: 60_000 }), [])
  assert.deepEqual(await check(registry), [{ problem: 'orphan', what: key, repaired: false }])
  assert.deepEqual(await check(registry, repair), [{ problem: 'orphan', what: key, repaired: true }])
  await registry.call('POST', '/api/v1/gc/run')
  await assert.rejects(readFile(path), { code: 'ENOENT' })
  assert.deepEqual(await check(registry), [])
})

test('check finds manifests that are not what they were, and parts that are not there', async () => {
  await using registry = await startTestRegistry()
  const { digest } = await pushImage(registry, 'user/app', 'v1')
  await pushImage(registry, 'user/other', 'v1')
  {
    await using database = await openRegistryDatabase(registry.places)
    await database.sql`
      DELETE FROM repository_blob WHERE digest = ${digestOf('a layer')}
        AND repository_id = (SELECT id FROM repository WHERE name = ${'user/other'})`
    await database.sql`
      UPDATE manifest SET payload = ${Buffer.from('{}')}
      WHERE repository_id = (SELECT id FROM repository WHERE name = ${'user/app'})`
  }
  const found = await check(registry)
  assert.deepEqual(
    found.toSorted((one, other) => (one.problem < other.problem ? -1 : 1)),
    [
      {
        problem: 'blob not in repository',
        what: `${digestOf('a layer')} of ${digest}`,
        repository: 'user/other',
        repaired: false,
      },
      { problem: 'damaged manifest', what: digest, repository: 'user/app', repaired: false },
    ],
  )
})
