import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createContainer,
  type EngineClient,
  importImage,
  inspectContainer,
  packPath,
  shutdownEngine,
  startContainer,
  stopContainer,
} from '@slipway/client'
import { LocalEngine } from '../testing/local-engine.ts'

const local = new LocalEngine('stop')
let client: EngineClient

before(async () => {
  client = await local.start()
  const root = local.busyboxRoot(['sleep'])
  for await (const { error } of await importImage(client, packPath(root, ''), { repository: 'busybox' }))
    assert.equal(error, undefined)
})

after(async () => {
  await shutdownEngine(client, { timeout: 0 })
  await local[Symbol.asyncDispose]()
})

const run = async (name: string, restart: 'no' | 'unless-stopped'): Promise<void> => {
  const body = { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { RestartPolicy: { Name: restart } } }
  const { Id } = await createContainer(client, body, { name })
  await startContainer(client, Id)
}

const statusOf = async (name: string): Promise<string> => (await inspectContainer(client, name)).State.Status

test('a shutdown ends every container; the next engine starts those again that nobody stopped', async () => {
  await run('plain', 'no')
  await run('steady', 'unless-stopped')
  await run('stopped', 'unless-stopped')
  await stopContainer(client, 'stopped', { timeout: 0 })
  assert.deepEqual(await shutdownEngine(client, { timeout: 0 }), { ContainersStopped: 2 })
  assert.equal((await inspectContainer(client, 'steady')).State.Pid, 0)
  await local.stop()
  client = await local.start()
  while ((await statusOf('steady')) !== 'running') await delay(50)
  assert.equal(await statusOf('plain'), 'exited')
  assert.equal(await statusOf('stopped'), 'exited')
})
