import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PortMapping } from '@slipway/core'
import { connectKeeper } from './connection.ts'
import { Keeper } from './keeper.ts'

const openPlace = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-keeper-'))
  const server = createServer((socket) => socket.end('served'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = join(directory, 'keeper.sock')
  const { port } = server.address() as AddressInfo
  return {
    socket,
    target: { address: '127.0.0.1', port },
    async [Symbol.asyncDispose]() {
      await (await connectKeeper(socket))?.quit()
      server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const mappingTo = (hostPort: number): PortMapping => ({
  protocol: 'tcp',
  containerPort: 80,
  hostIp: '127.0.0.1',
  hostPort,
})

/** What is served on a port; undefined when nobody listens. */
const ask = async (port: number): Promise<string | undefined> => {
  const socket = connect(port, '127.0.0.1')
  try {
    return await text(socket)
  } catch {
    return undefined
  }
}

const pidOf = async (socket: string): Promise<number> =>
  Number(/"pid":(\d+)/.exec(await readFile(`${socket}.log`, 'utf8'))?.[1])

const eventually = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  for (const end = performance.now() + 30_000; !(await holds()); await sleep(20)) {
    assert.ok(performance.now() < end, what)
  }
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

test('a port is kept while the daemon is away, found again by the next, and let go of when its container is gone', async () => {
  await using place = await openPlace()
  const port = await freePort()
  const first = await Keeper.open({ socket: place.socket, version: '1' })
  const bound = await first.bind('web', mappingTo(port))
  assert.equal(await ask(port), '', 'nobody to pass it on to yet')
  bound.target = place.target
  await eventually('it is served', async () => (await ask(port)) === 'served')
  const pid = await pidOf(place.socket)
  await first[Symbol.asyncDispose]()
  await bound[Symbol.asyncDispose]()
  assert.equal(await ask(port), 'served')

  await using second = await Keeper.open({ socket: place.socket, version: '1' })
  const again = await second.bind('web', mappingTo(port))
  again.target = place.target
  assert.equal(await ask(port), 'served')
  assert.equal(await pidOf(place.socket), pid)
  await second.retain(['another'])
  assert.equal(await ask(port), undefined)
  await second[Symbol.asyncDispose]()
  await eventually('with nothing to keep it ends', async () => isGone(pid))
})

test('a port that someone else has is refused with the errno', async () => {
  await using place = await openPlace()
  await using keeper = await Keeper.open({ socket: place.socket, version: '1' })
  await assert.rejects(keeper.bind('web', mappingTo(place.target.port)), { code: 'EADDRINUSE' })
})

test('should the keeper die, another takes over with all of its ports', async () => {
  await using place = await openPlace()
  await using keeper = await Keeper.open({ socket: place.socket, version: '1' })
  const ports = [await freePort(), await freePort()]
  for (const port of ports) {
    const bound = await keeper.bind('web', mappingTo(port))
    bound.target = place.target
  }
  process.kill(await pidOf(place.socket), 'SIGKILL')
  for (const port of ports) await eventually('it is served again', async () => (await ask(port)) === 'served')
  await keeper.quit()
  for (const port of ports) assert.equal(await ask(port), undefined)
})

test('a keeper of another version is replaced', async () => {
  await using place = await openPlace()
  const port = await freePort()
  const old = await Keeper.open({ socket: place.socket, version: '1' })
  await old.bind('web', mappingTo(port))
  const pid = await pidOf(place.socket)
  await old[Symbol.asyncDispose]()
  await using keeper = await Keeper.open({ socket: place.socket, version: '2' })
  const bound = await keeper.bind('web', mappingTo(port))
  bound.target = place.target
  assert.notEqual(await pidOf(place.socket), pid)
  await eventually('the old one has ended', async () => isGone(pid))
  await eventually('the new one serves', async () => (await ask(port)) === 'served')
})
