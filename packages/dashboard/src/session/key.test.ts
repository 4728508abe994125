import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ensureKey } from './key.ts'

const keyFile = async (t: TestContext): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-key-'))
  t.after(() => rm(directory, { recursive: true }))
  return join(directory, 'key')
}

test('ensureKey() makes a key that only its owner reads, and finds it again', async (t) => {
  const path = await keyFile(t)
  const key = await ensureKey(path)
  assert.match(key, /^[\w-]{43}$/)
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.equal(await ensureKey(path), key)
})

test('ensureKey() takes no short key for one', async (t) => {
  const path = await keyFile(t)
  await writeFile(path, 'secret\n')
  await assert.rejects(ensureKey(path), { code: 'invalid' })
})
