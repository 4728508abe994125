import assert from 'node:assert/strict'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hasCode } from '@slipway/core'
import { LogSync } from './log-sync.ts'

/** The files that were synced, in order. A file's own `datasync()` still runs. */
const watchSyncs = async (t: TestContext, path: string): Promise<string[]> => {
  const file = await open(path)
  const prototype = Object.getPrototypeOf(file)
  await file.close()
  const synced: string[] = []
  for (const name of ['datasync', 'sync'] as const) {
    const original = prototype[name]
    t.mock.method(prototype, name, function (this: unknown) {
      synced.push(name)
      return original.call(this)
    })
  }
  return synced
}

const makeLog = async (t: TestContext): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-log-'))
  t.after(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'a.db-wal'), 'committed')
  return join(directory, 'a.db')
}

test('the log and its name are synced for the first commit, and once for all that come meanwhile', async (t) => {
  const path = await makeLog(t)
  const synced = await watchSyncs(t, `${path}-wal`)
  await using log = new LogSync(path)
  const first = log.reached()
  const meanwhile = [log.reached(), log.reached(), log.reached()]
  await first
  assert.deepEqual(synced, ['sync', 'datasync'])
  await Promise.all(meanwhile)
  assert.deepEqual(synced, ['sync', 'datasync', 'datasync'])
  await log.reached()
  assert.equal(synced.length, 4)
})

test('where the disk fails everyone who waited is told, and whoever comes later, until the log is trusted again', async (t) => {
  const path = await makeLog(t)
  const file = await open(path.concat('-wal'))
  const prototype = Object.getPrototypeOf(file)
  await file.close()
  const failing = t.mock.method(prototype, 'datasync', () => Promise.reject(new Error('input/output error')))
  await using log = new LogSync(path)
  const refused = (each: Promise<void>) => assert.rejects(each, (error) => hasCode(error, 'unavailable'))
  await Promise.all([log.reached(), log.reached(), log.reached()].map(refused))
  failing.mock.restore()
  await refused(log.reached())
  assert.ok(log.isRefused)
  log.trust()
  await log.reached()
})

test('a database that has no log has nothing to bring to the disk', async (t) => {
  const path = await makeLog(t)
  await rm(`${path}-wal`)
  await using log = new LogSync(path)
  await log.reached()
})
