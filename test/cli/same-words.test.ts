import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client } from '../harness/client.ts'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'
import { see } from './compare.ts'
import { acting, looking } from './words.ts'

/** What the words are about. */
const setUp = async (docker: Client): Promise<void> => {
  await docker.ok(['network', 'create', 'net-a'])
  await docker.ok(['volume', 'create', '--label', 'kind=data', 'vol-a'])
  const labels = ['--label', 'tier=front', '--label', 'owner=me']
  const web = ['-d', '--name', 'web', ...labels, '-e', 'COLOUR=blue', '-v', 'vol-a:/data', '-p', '127.0.0.1::80']
  await docker.ok(['run', ...web, '--network', 'net-a', '--stop-timeout', '0', 'busybox', 'sleep', '100000'])
  // It writes to one stream only: two come in no order.
  const script = 'echo one; echo two; echo three > /etc/three; exit 3'
  await docker.run(['run', '--name', 'old', '--network', 'none', 'busybox', 'sh', '-c', script])
}

test('the same words by docker and by slipway give the same output and exit codes', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const [docker, slipway] = [engine.client('docker'), engine.client('slipway')]
  await setUp(docker)
  for (const line of looking) {
    await t.test(line, async () => {
      const [ours, theirs] = await Promise.all([see(slipway, line), see(docker, line)])
      assert.deepEqual(ours, theirs)
    })
  }
  for (const line of acting) {
    await t.test(line, async () => {
      const theirs = await see(docker, line)
      assert.deepEqual(await see(slipway, line), theirs)
    })
  }
})
