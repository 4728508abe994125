import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLogger } from '@slipway/core'
import { serveKeeper } from './serve.ts'

test('a keeper that nobody ever speaks to ends, and leaves no socket', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-keeper-'))
  t.after(() => rm(directory, { recursive: true }))
  await serveKeeper({
    socket: join(directory, 'keeper.sock'),
    version: '1',
    firstMilliseconds: 20,
    logger: silentLogger,
  })
  assert.deepEqual(await readdir(directory), [])
})
