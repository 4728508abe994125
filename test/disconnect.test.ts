import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { send } from './harness/api.ts'
import { TestEngine } from './harness/engine.ts'
import { eventually } from './harness/patience.ts'
import { processesNaming } from './harness/processes.ts'
import { TestRegistry } from './harness/registry.ts'
import { openScratch } from './harness/scratch.ts'
import { openStallingProxy } from './harness/stall.ts'
import { makeTar } from './harness/tar.ts'

const largeLayer = (): Buffer => makeTar([{ name: 'large', body: randomBytes(8 << 20) }])

const filesBelow = async (path: string): Promise<readonly string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

/** Begins a request, goes away when `moment` comes, and waits until the connection is closed. */
const leaveAt = async (
  engine: TestEngine,
  path: string,
  ask: { readonly body?: Uint8Array; readonly headers?: Readonly<Record<string, string>> },
  moment: (seen: () => string) => Promise<unknown>,
): Promise<void> => {
  const leaving = new AbortController()
  let seen = ''
  const answer = send(engine.socket, path, { method: 'POST', signal: leaving.signal, ...ask }).then((response) => {
    response.on('data', (bytes) => {
      seen += bytes
    })
    response.on('error', () => undefined)
    return once(response, 'close')
  })
  answer.catch(() => undefined)
  await moment(() => seen)
  leaving.abort()
  await answer.catch(() => undefined)
}

test('a client that goes away in the middle leaves nothing half-done, and the daemon goes on', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const client = engine.client()
  const goesOn = async () => assert.equal(await client.ok(['run', '--rm', 'busybox', 'echo', 'on']), 'on')
  const name = (address: string) => `${address}/away/large:latest`
  await client.ok(['import', '-', name(registry.address)], { input: largeLayer() })

  await t.test('of a push', async () => {
    await using proxy = await openStallingProxy(registry.address, { up: 3 << 20 })
    await client.ok(['tag', name(registry.address), name(proxy.address)])
    const path = `/images/${proxy.address}/away/large/push?tag=latest`
    await leaveAt(engine, path, { headers: { 'X-Registry-Auth': 'e30=' } }, () => proxy.stalled)
    assert.equal((await fetch(`http://${registry.address}/v2/away/large/manifests/latest`)).status, 404)
    await client.ok(['rmi', name(proxy.address)])
    await goesOn()
    await client.ok(['push', name(registry.address)])
  })

  await t.test('of a pull', async () => {
    await client.ok(['rmi', name(registry.address)])
    const blobs = join(engine.dataRoot, 'content/blobs')
    const ingests = join(engine.dataRoot, 'content/ingests')
    const before = await filesBelow(blobs)
    await using proxy = await openStallingProxy(registry.address, { down: 3 << 20 })
    await leaveAt(engine, `/images/create?fromImage=${proxy.address}/away/large&tag=latest`, {}, async () => {
      await proxy.stalled
      // What the proxy has let through may still be in the kernel's hands.
      await eventually('the layer is being written', async () => (await readdir(ingests)).length > 0)
    })
    assert.equal(await client.ok(['images', '-q', name(proxy.address)]), '')
    // Whole blobs may stay for the next attempt, until the pull has let go of them and somebody tidies up.
    await eventually('what it got is gone', async () => {
      await client.ok(['image', 'prune', '-f'])
      const isNew = (blob: string): boolean => !before.includes(blob)
      return (await readdir(ingests)).length === 0 && !(await filesBelow(blobs)).some(isNew)
    })
    await goesOn()
    await client.ok(['pull', name(registry.address)])
  })

  await t.test('of a build: its step ends', async () => {
    const body = makeTar([{ name: 'Dockerfile', body: 'FROM busybox\nRUN echo begun; sleep 4321\n' }])
    const ask = { body, headers: { 'Content-Type': 'application/x-tar' } }
    await leaveAt(engine, '/build?t=away/built', ask, (seen) =>
      eventually('the step runs', () => seen().includes('begun')),
    )
    await eventually('its process ends', async () => (await processesNaming(['sleep 4321'])).length === 0)
    await eventually(
      'its context goes',
      async () => (await readdir(join(engine.dataRoot, 'builds/contexts'))).length === 0,
    )
    assert.equal(await client.ok(['images', '-q', 'away/built']), '')
    await goesOn()
  })

  await t.test('of sending a context', async () => {
    const half = makeTar([
      { name: 'Dockerfile', body: 'FROM busybox\n' },
      { name: 'large', body: randomBytes(4 << 20) },
    ])
    const headers = { 'Content-Type': 'application/x-tar', 'Content-Length': String(half.length + 1_000_000) }
    await leaveAt(engine, '/build', { body: half, headers }, () =>
      eventually('it arrives', async () => (await readdir(join(engine.dataRoot, 'builds/contexts'))).length > 0),
    )
    await eventually('it goes', async () => (await readdir(join(engine.dataRoot, 'builds/contexts'))).length === 0)
    await goesOn()
  })

  await t.test('of an attach: the container goes on, and the next client is served', async () => {
    await client.ok([
      'run',
      '-d',
      '-i',
      '--name',
      'talker',
      'busybox',
      'sh',
      '-c',
      'while read line; do echo "heard $line"; done',
    ])
    const attach = () => {
      const child = client.spawn(['attach', '--sig-proxy=false', 'talker'])
      let seen = ''
      child.stdout.on('data', (bytes) => {
        seen += bytes
      })
      return {
        child,
        hears: (text: string) => eventually(`"${text}" is heard`, () => seen.includes(`heard ${text}\n`)),
      }
    }
    const first = attach()
    first.child.stdin.write('one\n')
    await first.hears('one')
    first.child.kill('SIGKILL')
    await once(first.child, 'close')
    assert.equal(await client.ok(['inspect', '--format', '{{.State.Running}}', 'talker']), 'true')
    const second = attach()
    second.child.stdin.write('two\n')
    await second.hears('two')
    second.child.kill('SIGKILL')
    assert.equal(await client.ok(['logs', 'talker']), 'heard one\nheard two')
    await client.ok(['rm', '-f', 'talker'])
  })

  await t.test('of following logs and events', async () => {
    await client.ok(['run', '-d', '--name', 'noisy', 'busybox', 'sh', '-c', 'while true; do echo noise; done'])
    for (const args of [['logs', '-f', 'noisy'], ['events']]) {
      const child = client.spawn(args)
      if (args[0] === 'logs') await once(child.stdout, 'data')
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    await client.ok(['rm', '-f', 'noisy'])
    await goesOn()
  })
})
