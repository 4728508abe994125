import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockDataRoot } from './lock.ts'

test('lockDataRoot() gives a data root to one at a time, and to the next after that', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-lock-'))
  t.after(() => rm(directory, { recursive: true }))
  {
    await using _lock = await lockDataRoot(directory)
    await assert.rejects(lockDataRoot(directory), {
      code: 'conflict',
      message: `another registry is using ${directory}`,
    })
  }
  await using _again = await lockDataRoot(directory)
})
