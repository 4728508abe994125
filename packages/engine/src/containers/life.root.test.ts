import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type ContainerCreateBody,
  type ContainerStats,
  containerStats,
  createContainer,
  type EngineClient,
  exportContainer,
  importImage,
  inspectContainer,
  listContainers,
  packPath,
  readContainerPath,
  removeContainer,
  restartContainer,
  startContainer,
  statContainerPath,
  systemEvents,
  unpackTo,
  updateContainer,
  writeContainerPath,
} from '@slipway/client'
import { readMountInfo } from '@slipway/linux'
import { packDirectory, readTar } from '@slipway/store'
import { LocalEngine } from '../testing/local-engine.ts'

const local = new LocalEngine('life')
const { directory } = local
const secret = 'a host file'
let client: EngineClient

const start = async (): Promise<void> => {
  client = await local.start()
}

const importBusybox = async (): Promise<void> => {
  const root = local.busyboxRoot(['sh', 'cat', 'sleep', 'test', 'yes'])
  symlinkSync('../../../../../../../..', join(root, 'climb'))
  const tar = packDirectory(root, '/', { as: '' })
  for await (const { error } of await importImage(client, tar, { repository: 'busybox' }))
    assert.equal(error, undefined)
}

/** A container that sleeps, gone after the test. Not started unless `up`. */
const container = async (t: TestContext, body: Partial<ContainerCreateBody> = {}, { up = true } = {}) => {
  const Cmd = ['sleep', '1000']
  const { Id } = await createContainer(client, { Image: 'busybox', Cmd, NetworkDisabled: true, ...body })
  t.after(() => removeContainer(client, Id, { force: true }))
  if (up) await startContainer(client, Id)
  return Id
}

before(async () => {
  await start()
  writeFileSync(join(directory, 'secret'), secret)
  await importBusybox()
})

after(() => local[Symbol.asyncDispose]())

for (const up of [true, false]) {
  const kind = up ? 'a running' : 'a stopped'

  test(`files go into ${kind} container and come out again`, async (t) => {
    const id = await container(t, {}, { up })
    const from = mkdtempSync(join(directory, 'from-'))
    mkdirSync(join(from, 'sub'))
    writeFileSync(join(from, 'sub/file'), 'x'.repeat(300_000), { mode: 0o640 })
    await writeContainerPath(client, id, '/tmp', packPath(from, 'copied'), { keepKinds: true })
    const to = join(directory, `to-${kind}`)
    const { stat, tar } = await readContainerPath(client, id, '/tmp/copied')
    assert.equal(stat.name, 'copied')
    await unpackTo(tar, to)
    assert.equal(readFileSync(join(to, 'sub/file'), 'utf8').length, 300_000)
    assert.equal((await statContainerPath(client, id, '/tmp/copied/sub/file'))?.mode, 0o640)
  })

  test(`no path leads out of ${kind} container`, async (t) => {
    const id = await container(t, {}, { up })
    const outside = join('/climb', directory, 'secret')
    assert.equal(await statContainerPath(client, id, outside), undefined)
    await assert.rejects(readContainerPath(client, id, outside), /Could not find the file .* in container/)
    await assert.rejects(
      writeContainerPath(client, id, join('/climb', directory), packPath(join(directory, 'secret'), 'evil')),
      /Could not find the file/,
    )
  })

  test(`the export of ${kind} container is its root without what is mounted there`, async (t) => {
    const id = await container(t, {}, { up })
    const names: string[] = []
    for await (const { header } of readTar(await exportContainer(client, id))) names.push(header.name.toString())
    assert.ok(names.includes('bin/busybox'))
    assert.ok(!names.some((name) => name.startsWith('proc/') && name !== 'proc/'))
  })
}

test('containers that are made at the same time get names of their own', async () => {
  const make = () => createContainer(client, { Image: 'busybox', NetworkDisabled: true, Cmd: ['true'] })
  const ids = (await Promise.all(Array.from({ length: 150 }, make))).map(({ Id }) => Id)
  const listed = await listContainers(client, { all: true })
  assert.equal(new Set(listed.flatMap(({ Names }) => Names)).size, listed.length)
  await Promise.all(ids.map((id) => removeContainer(client, id)))
})

test('a copy of a stopped container leaves no mount behind, and it starts afterwards', async (t) => {
  const id = await container(t, {}, { up: false })
  await buffer((await readContainerPath(client, id, '/bin/busybox')).tar)
  assert.deepEqual(
    readMountInfo(directory).filter(({ target }) => target.includes(id)),
    [],
  )
  await startContainer(client, id)
})

test('what is copied into a container with a read-only root is refused, but for its mounts', async (t) => {
  const id = await container(t, { HostConfig: { ReadonlyRootfs: true, Tmpfs: { '/tmp': '' } } })
  const tar = () => packPath(join(directory, 'secret'), 'file')
  await assert.rejects(writeContainerPath(client, id, '/etc', tar()), /container rootfs is marked read-only/)
  await writeContainerPath(client, id, '/tmp', tar())
  const { tar: back } = await readContainerPath(client, id, '/tmp/file')
  for await (const { body } of readTar(back)) assert.equal(await buffer(body).then(String), secret)
})

test('stats tell what a container uses, and its name alone when it does not run', async (t) => {
  const [up, down] = await Promise.all([container(t), container(t, {}, { up: false })])
  const samples: ContainerStats[] = []
  for await (const sample of containerStats(client, up)) if (samples.push(sample) === 2) break
  const [first, second] = samples
  assert.ok((first?.memory_stats.usage ?? 0) > 0)
  assert.equal(first?.pids_stats.current, 1)
  assert.equal(second?.precpu_stats.cpu_usage.total_usage, first?.cpu_stats.cpu_usage.total_usage)
  for await (const { id, memory_stats } of containerStats(client, down, { stream: false })) {
    assert.deepEqual([id, memory_stats], [down, {}])
  }
})

test('an update of a running container holds at once', async (t) => {
  const id = await container(t)
  const limits = { Memory: 64 << 20, MemorySwap: -1, PidsLimit: 20 }
  await updateContainer(client, id, { ...limits, RestartPolicy: { Name: 'on-failure' } })
  const limitsNow = async () => {
    for await (const { memory_stats, pids_stats } of containerStats(client, id, { stream: false, oneShot: true })) {
      return [memory_stats.limit, pids_stats.limit]
    }
    return assert.fail('no stats came')
  }
  assert.deepEqual(await limitsNow(), [64 << 20, 20])
  await updateContainer(client, id, { PidsLimit: -1 })
  const [memory, pids] = await limitsNow()
  assert.equal(memory, 64 << 20)
  assert.ok(pids === undefined || pids > 1_000_000, `at most ${pids} processes`)
  assert.equal((await inspectContainer(client, id)).HostConfig.RestartPolicy?.Name, 'on-failure')
})

test('who looks while a client restarts a container sees that it comes back; --rm does not take it away', async (t) => {
  const id = await container(t, { HostConfig: { AutoRemove: true } })
  const events = await systemEvents(client, { filters: { container: [id], event: ['die'] } })
  const seen = (async () => {
    for await (const { Action } of events) return [Action, (await inspectContainer(client, id)).State.Running]
    return undefined
  })()
  await restartContainer(client, id, { timeout: 0 })
  assert.deepEqual(await seen, ['die', true])
})

const healthy = async (id: string, status: string): Promise<void> => {
  const deadline = Date.now() + 60_000
  for (;;) {
    const { State } = await inspectContainer(client, id)
    if (State.Health?.Status === status) return
    assert.ok(Date.now() < deadline, `not ${status} in time: ${JSON.stringify(State.Health)}`)
    await delay(50)
  }
}

test('a health check finds out, hangs without harm, and goes on after a restart of the engine', async (t) => {
  const check = (command: string, Timeout: number) => ({
    Healthcheck: { Test: ['CMD-SHELL', command], Interval: 200e6, Timeout, Retries: 2 },
  })
  const id = await container(t, check('test -f /tmp/ok && yes | busybox head -c 9000', 60e9))
  const hanging = await container(t, check('sleep 100', 300e6))
  await healthy(id, 'unhealthy')
  await writeContainerPath(client, id, '/tmp', packPath(join(directory, 'secret'), 'ok'))
  await healthy(id, 'healthy')
  const { State } = await inspectContainer(client, id)
  assert.ok((State.Health?.Log.length ?? 9) <= 5)
  assert.equal(State.Health?.Log.at(-1)?.Output.length, 4096)
  const [row] = await listContainers(client, { filters: { health: ['healthy'] } })
  assert.match(row?.Status ?? '', /^Up .* \(healthy\)$/)

  await healthy(hanging, 'unhealthy')
  const { Log = [] } = (await inspectContainer(client, hanging)).State.Health ?? {}
  assert.deepEqual([Log[0]?.ExitCode, Log[0]?.Output], [-1, 'Health check exceeded timeout (300ms)'])

  await local.stop()
  await start()
  await healthy(id, 'healthy')
  await buffer((await readContainerPath(client, id, '/tmp/ok')).tar)
  const lastEnd = async () => (await inspectContainer(client, id)).State.Health?.Log.at(-1)?.End
  for (const known = await lastEnd(); (await lastEnd()) === known; ) await delay(50)
})

test('a privileged container sees the devices of the host', async (t) => {
  const [id, plain] = await Promise.all([container(t, { HostConfig: { Privileged: true } }), container(t)])
  assert.ok(await statContainerPath(client, id, '/dev/kmsg'))
  assert.equal(await statContainerPath(client, plain, '/dev/kmsg'), undefined)
})
