import assert from 'node:assert/strict'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockFile } from './lock.ts'

test('lockFile() lets one in at a time, and the next when the file is closed', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-lock-'))
  t.after(() => rm(directory, { recursive: true }))
  const path = join(directory, 'lock')
  const [first, second] = [await open(path, 'w'), await open(path, 'w')]
  lockFile(first.fd)
  assert.throws(() => lockFile(second.fd), { code: 'EAGAIN' })
  await first.close()
  lockFile(second.fd)
  await second.close()
})
