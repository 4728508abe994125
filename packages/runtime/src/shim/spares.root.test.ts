import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { BusyboxHost } from '../testing/busybox.ts'
import { isGone, ShimConnection } from './connection.ts'
import { readRecord } from './record.ts'

const spareIn = async (host: BusyboxHost): Promise<string> => {
  const directory = join(host.directory, 'state/spare-shims')
  for (let attempt = 0; attempt < 3000; attempt++) {
    const [name] = existsSync(directory) ? readdirSync(directory) : []
    if (name !== undefined && (await readRecord(join(directory, name)))) return join(directory, name)
    await sleep(20)
  }
  throw new Error('no spare shim was started')
}

test('a container takes the shim that is ready, and another is made ready', async () => {
  await using host = await BusyboxHost.open({ spareShims: 1 })
  await host.runtime.open()
  const spare = await spareIn(host)
  const { socket } = (await readRecord(spare)) ?? {}
  const { bundle, task, stdio } = await host.create(['echo', 'hello'])
  assert.equal((await readRecord(join(bundle.path, 'shim')))?.socket, socket)
  let output = ''
  stdio.stdout.stream().on('data', (chunk) => {
    output += chunk
  })
  const ended = new Promise((resolve) => stdio.stdout.stream().once('end', resolve))
  await task.start()
  await task.wait()
  await ended
  assert.equal(output, 'hello\n')
  await task.delete()
  assert.notEqual(await spareIn(host), spare)
})

test('spares end with the runtime; one that was prepared for nothing ends by cleanup()', async () => {
  const sockets: string[] = []
  {
    await using host = await BusyboxHost.open({ spareShims: 1 })
    await host.runtime.open()
    sockets.push((await readRecord(await spareIn(host)))?.socket ?? '')
    const bundle = host.bundle('swt-prepared')
    await mkdir(bundle.path, { recursive: true })
    const stdio = await host.runtime.prepare(bundle, { stdin: false, terminal: false })
    stdio.close()
    sockets.push((await readRecord(await spareIn(host)))?.socket ?? '')
  }
  assert.equal(new Set(sockets).size, 2)
  for (const socket of sockets) while (!(await isGone({ socket, version: 2 }))) await sleep(20)
})

test('a spare that died while it waited is replaced, and a bundle can be used again', async () => {
  await using host = await BusyboxHost.open({ spareShims: 1 })
  await host.runtime.open()
  const spare = await spareIn(host)
  {
    await using connection = new ShimConnection((await readRecord(spare)) ?? { socket: '', version: 2 })
    process.kill((await connection.call('connect', {})).shimPid, 'SIGKILL')
  }
  const first = await host.create(['true'])
  await first.task.start()
  assert.equal((await first.task.wait()).exitCode, 0)
  await first.task.delete()
  const again = await host.runtime.prepare(first.bundle, { stdin: false, terminal: false })
  const task = await host.runtime.create(first.bundle, again.paths)
  again.release()
  await task.start()
  assert.equal((await task.wait()).exitCode, 0)
  await task.delete()
  again.close()
})
