import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { openScratch } from '../harness/scratch.ts'

test('--restart on-unhealthy starts a container again when its health check fails, and lets it be stopped', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const docker = engine.client()
  const health = ['--health-cmd', 'test -f /ok', '--health-interval', '200ms', '--health-retries', '2']
  const options = ['--name', 'sick', '--restart', 'on-unhealthy', '--stop-signal', 'KILL', ...health]
  await docker.ok(['run', '-d', ...options, 'busybox', 'sleep', '1000'])
  const shown = (format: string): Promise<string> => docker.ok(['inspect', '--format', format, 'sick'])

  await eventually('it is restarted', async () => Number(await shown('{{.RestartCount}}')) > 0)
  // It may be between two runs.
  await eventually('it is well', async () => {
    await docker.run(['exec', 'sick', 'touch', '/ok'])
    return (await shown('{{.State.Health.Status}}')) === 'healthy'
  })
  await docker.ok(['stop', 'sick'])
  assert.equal(await shown('{{.State.Status}}'), 'exited')
})
