import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { cgroupMode } from '@slipway/linux'
import { hasLauncher, writeLauncher } from './launcher.ts'

const run = promisify(execFile)
const v2Tree = '/sys/fs/cgroup/unified'

test('the launcher hides the v2 tree from what it starts, and from nobody else', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-launcher-'))
  t.after(() => rm(directory, { recursive: true }))
  if (!hasLauncher()) {
    await assert.rejects(writeLauncher(join(directory, 'sh'), '/bin/sh'), { code: 'unsupported' })
    return
  }
  const launcher = join(directory, 'sh')
  await writeLauncher(launcher, '/bin/sh')
  const script = `for name in "$@"; do echo "$name"; done; echo "$WORD"; ls -A ${v2Tree} 2>/dev/null`
  const env = { ...process.env, WORD: 'from the environment' }
  const { stdout } = await run(launcher, ['-c', script, 'sh', 'one', 'two words'], { env })
  assert.deepEqual(stdout.trim().split('\n'), ['one', 'two words', 'from the environment'])
  if (cgroupMode() === 'hybrid') assert.notDeepEqual(await readdir(v2Tree), [])
})

test('the launcher exits with 127 when there is no such program', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-launcher-'))
  t.after(() => rm(directory, { recursive: true }))
  if (!hasLauncher()) return
  const launcher = join(directory, 'nothing')
  await writeLauncher(launcher, join(directory, 'not-there'))
  await assert.rejects(run(launcher), { code: 127 })
})
