import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from './harness/engine.ts'
import { root } from './harness/place.ts'
import { run } from './harness/run.ts'
import { openScratch } from './harness/scratch.ts'

/** Starts an engine in a process of its own that does nothing else, and says why it didn't start. */
const program = `
import { loadConfig, startEngine } from '@slipway/engine'
import { silentLogger } from '@slipway/core'
try {
  await startEngine(await loadConfig(process.argv.slice(1)), silentLogger)
} catch (error) {
  console.log(error.code)
}`

test('an engine whose start fails beside running containers lets go of them, and its process ends', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const client = engine.client()
  await client.ok(['run', '-d', '--name', 'survivor', '--network', 'none', 'busybox', 'sleep', '1000'])
  await engine.stopDaemon('SIGKILL')
  const flags = ['--data-root', engine.dataRoot, '--exec-root', engine.execRoot, '--bridge', engine.bridge]
  const wrong = ['--host', engine.host, '--pidfile', join(scratch.path, 'nosuch/pid')]
  const script = ['--eval', program, '--', ...flags, ...wrong]
  const { code, stdout } = await run(process.execPath, script, { cwd: root, timeout: 60_000 })
  assert.deepEqual([code, stdout.trim()], [0, 'ENOENT'])
  await engine.start()
  assert.equal(await client.ok(['exec', 'survivor', 'echo', 'here']), 'here')
  await client.ok(['rm', '-f', 'survivor'])
})
