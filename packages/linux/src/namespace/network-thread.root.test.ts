import assert from 'node:assert/strict'
import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { isMountPoint } from '../mount/mount-point.ts'
import { getLink, listLinks } from '../netlink/link.ts'
import { openRouteSocket } from '../netlink/open.ts'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { withNetns } from './enter.ts'
import { NetworkThread } from './network-thread.ts'

const thread = await NetworkThread.start()
after(() => thread[Symbol.asyncDispose]())

const ownNetns = '/proc/thread-self/ns/net'
const random = () => Math.floor(Math.random() * 2 ** 24).toString(36)

/** A bridge with a random name and subnet, and a namespace beside it; both go again. */
const makePlace = async () => {
  const directory = scratchDirectory()
  const bridge = `swt${random()}`
  const subnet = `10.${201 + Math.floor(Math.random() * 50)}.${Math.floor(Math.random() * 250)}`
  const netns = join(directory.path, 'netns/one')
  await thread.createNetns(netns)
  await thread.run([
    { do: 'create-bridge', name: bridge, up: true },
    { do: 'add-address', name: bridge, address: `${subnet}.1/24` },
  ])
  const dispose = async (): Promise<void> => {
    await thread.run([{ do: 'delete-link', name: bridge }])
    await thread.deleteNetns(netns)
    directory[Symbol.dispose]()
  }
  return { bridge, subnet, netns, [Symbol.asyncDispose]: dispose }
}

test('a network namespace lives at its path, with its loopback up, until it is deleted', async () => {
  using directory = scratchDirectory()
  const path = join(directory.path, 'a/b')
  const before = readlinkSync(ownNetns)
  await thread.createNetns(path)
  assert.ok(isMountPoint(path))
  assert.equal(readlinkSync(ownNetns), before, 'this thread has not moved')
  assert.notEqual(`net:[${statSync(path).ino}]`, before)
  assert.deepEqual(await thread.listAddresses({ netns: path }), [
    { linkIndex: 1, address: '127.0.0.1/8' },
    { linkIndex: 1, address: '::1/128' },
  ])
  await assert.rejects(thread.createNetns(path), { code: 'EEXIST' })
  await thread.deleteNetns(path)
  await thread.deleteNetns(path)
  assert.equal(existsSync(path), false)
})

test('the file that a crash left is taken over', async () => {
  using directory = scratchDirectory()
  const path = join(directory.path, 'netns')
  writeFileSync(path, '')
  await thread.createNetns(path)
  assert.ok(isMountPoint(path))
  await thread.deleteNetns(path)
})

test('a container is connected in one trip', async () => {
  await using place = await makePlace()
  const { bridge, subnet, netns } = place
  const veth = `swt${random()}`
  await thread.run([
    {
      do: 'create-veth',
      name: veth,
      master: bridge,
      up: true,
      mtu: 1400,
      peer: { name: 'eth0', netns, macAddress: '02:42:00:00:00:02', mtu: 1400 },
    },
    { do: 'set-bridge-port', name: veth, hairpin: true, isolated: true },
    { do: 'sysctl', netns, key: 'net/ipv4/conf/eth0/arp_notify', value: 1 },
    { do: 'add-address', netns, name: 'eth0', address: `${subnet}.2/24` },
    { do: 'set-up', netns, name: 'eth0' },
    { do: 'add-route', netns, destination: 'default', via: `${subnet}.1` },
  ])
  const inside = (await thread.listLinks({ netns })).find(({ name }) => name === 'eth0')
  assert.deepEqual(
    [inside?.kind, inside?.macAddress, inside?.up, inside?.mtu],
    ['veth', '02:42:00:00:00:02', true, 1400],
  )
  const outside = await thread.listLinks()
  const master = outside.find(({ name }) => name === bridge)
  assert.equal(outside.find(({ name }) => name === veth)?.master, master?.index)
  const port = (flag: string) => readFileSync(`/sys/class/net/${veth}/brport/${flag}`, 'utf8').trim()
  assert.deepEqual([port('hairpin_mode'), port('isolated')], ['1', '1'])
  const routes = (await thread.listRoutes({ netns })).filter(({ destination }) => !destination.includes(':'))
  assert.deepEqual(
    routes.map(({ destination, via }) => [destination, via]),
    [
      ['default', `${subnet}.1`],
      [`${subnet}.0/24`, undefined],
    ],
  )
  const notify = withNetns(netns, () => readFileSync('/proc/sys/net/ipv4/conf/eth0/arp_notify', 'utf8'))
  assert.equal(notify.trim(), '1')
})

test('links are renamed, moved, changed and deleted', async () => {
  await using place = await makePlace()
  const { bridge, netns } = place
  const run = (...operations: Parameters<NetworkThread['run']>[0]) => thread.run(operations, { netns })
  await run({ do: 'create-veth', name: 'd0', peer: { name: 'd9' } }, { do: 'create-bridge', name: 'br0' })
  await run({ do: 'rename', name: 'd0', to: 'd1' }, { do: 'set-mtu', name: 'd1', mtu: 1300 })
  await run({ do: 'set-mac', name: 'd1', macAddress: '02:00:00:00:00:09' }, { do: 'set-up', name: 'd1' })
  await run({ do: 'set-master', name: 'd1', master: 'br0' })
  const find = async () => (await thread.listLinks({ netns })).find(({ name }) => name === 'd1')
  const { index, ...link } = (await find()) ?? {}
  assert.ok(index)
  const br0 = (await thread.listLinks({ netns })).find(({ name }) => name === 'br0')
  assert.deepEqual(link, {
    name: 'd1',
    kind: 'veth',
    macAddress: '02:00:00:00:00:09',
    mtu: 1300,
    up: true,
    master: br0?.index,
  })
  await run({ do: 'set-master', name: 'd1', master: null }, { do: 'set-down', name: 'd1' })
  assert.deepEqual([(await find())?.master, (await find())?.up], [undefined, false])
  await run({ do: 'delete-link', name: 'd1' }, { do: 'delete-link', name: 'd1' })
  assert.equal(await find(), undefined)
  assert.ok(
    (await thread.listLinks()).some(({ name }) => name === bridge),
    'the host keeps its own',
  )
})

test('addresses and routes of both families can be set twice and deleted twice', async () => {
  await using place = await makePlace()
  const { netns } = place
  const addresses = ['10.240.0.2/24', 'fd00:1::2/64'] as const
  const routes = [
    { destination: 'default', via: 'fd00:1::1' },
    { destination: '10.241.0.0/16', via: '10.240.0.1', metric: 7, source: '10.240.0.2' },
    { destination: '10.242.0.1/32', name: 'd0' },
  ] as const
  const set = [
    ...addresses.map((address) => ({ do: 'add-address', name: 'd0', address }) as const),
    ...routes.map((route) => ({ do: 'add-route', ...route }) as const),
    { do: 'add-neighbour', name: 'd0', address: '10.240.0.9', macAddress: '02:00:00:00:00:07' } as const,
  ]
  const pair = [
    { do: 'create-veth', name: 'd0', up: true, peer: { name: 'd9' } },
    { do: 'set-up', name: 'd9' },
  ] as const
  await thread.run([...pair, ...set, ...set], { netns })
  const listed = (await thread.listRoutes({ netns })).map(({ linkIndex, table, ...route }) => route)
  const { name, ...direct } = routes[2]
  assert.deepEqual(
    listed.filter(({ destination }) => routes.some((route) => route.destination === destination)),
    [{ ...routes[1] }, direct, { ...routes[0], metric: 1024 }],
  )
  const unset = [
    ...routes.map((route) => ({ do: 'delete-route', ...route }) as const),
    ...addresses.map((address) => ({ do: 'delete-address', name, address }) as const),
  ]
  await thread.run([...unset, ...unset], { netns })
  const left = (await thread.listAddresses({ netns })).map(({ address }) => address)
  for (const address of addresses) assert.ok(!left.includes(address))
})

test('a batch stops at the first failure, and says which step it was', async () => {
  await using place = await makePlace()
  const { bridge, netns } = place
  const failing = thread.run([
    { do: 'create-bridge', name: bridge },
    { do: 'create-bridge', name: 'd0', netns },
  ])
  await assert.rejects(failing, {
    code: 'EEXIST',
    syscall: 'create-bridge',
    path: bridge,
    message: `EEXIST: file already exists, create-bridge '${bridge}'`,
  })
  await thread.run([{ do: 'create-bridge', name: bridge, tolerate: ['EEXIST'] }])
  assert.ok(!(await thread.listLinks({ netns })).some(({ name }) => name === 'd0'))
  await assert.rejects(thread.run([{ do: 'set-up', name: 'swtnone' }]), { code: 'ENODEV', path: 'swtnone' })
  const unreachable = { do: 'add-route', netns, destination: 'default', via: '10.9.9.9' } as const
  await assert.rejects(thread.run([unreachable]), { code: 'ENETUNREACH', message: /Nexthop has invalid gateway/ })
  await assert.rejects(thread.run([{ do: 'add-address', name: bridge, address: '300.0.0.1/8' }]), {
    name: 'SlipwayError',
    code: 'invalid',
  })
  await assert.rejects(
    thread.run([], { netns: join(netns, 'missing') }).then(() => thread.listLinks({ netns: '/missing' })),
    {
      code: 'ENOENT',
      syscall: 'open',
    },
  )
})

test('links that are being deleted hold nobody up', async () => {
  await using place = await makePlace()
  const names = ['d0', 'd1', 'd2', 'd3']
  const { netns } = place
  await thread.run(
    names.map((name) => ({ do: 'create-veth', name, peer: { name: `${name}p` } }) as const),
    { netns },
  )
  const ended: string[] = []
  const deletions = names.map(async (name) => {
    await thread.run([{ do: 'delete-link', name }], { netns })
    ended.push('deleted')
  })
  await thread.listLinks()
  ended.push('listed')
  await Promise.all(deletions)
  assert.equal(ended[0], 'listed')
  assert.deepEqual(
    (await thread.listLinks({ netns })).map(({ name }) => name),
    ['lo'],
  )
  await assert.rejects(thread.run([{ do: 'delete-link', name: 'lo' }], { netns }), { code: 'ENOTSUP', path: 'lo' })
})

test('a route socket stays in the namespace where it was opened, and withNetns() comes back', async () => {
  await using place = await makePlace()
  const { bridge, netns } = place
  const before = readlinkSync(ownNetns)
  using socket = openRouteSocket(netns)
  assert.equal(readlinkSync(ownNetns), before)
  assert.deepEqual(
    listLinks(socket).map(({ name }) => name),
    ['lo'],
  )
  assert.throws(() => getLink(socket, bridge), { code: 'ENODEV' })
  assert.throws(
    () =>
      withNetns(netns, () => {
        assert.notEqual(readlinkSync(ownNetns), before)
        throw new Error('inside')
      }),
    { message: 'inside' },
  )
  assert.equal(readlinkSync(ownNetns), before)
})

test("libuv's pool stays where the process is while the thread is away", async () => {
  await using place = await makePlace()
  const { netns } = place
  const before = readlinkSync(ownNetns)
  const lists = Array.from({ length: 20 }, () => thread.listLinks({ netns }))
  // /proc/thread-self of an asynchronous read is the pool thread's own.
  const seen = await Promise.all(Array.from({ length: 20 }, () => readFile('/proc/thread-self/net/dev', 'utf8')))
  await Promise.all(lists)
  assert.equal(new Set(seen.map((text) => text.split('\n').length)).size, 1)
  assert.ok(seen.every((text) => text.includes(place.bridge)))
  assert.equal(readlinkSync(ownNetns), before)
})

test('what is asked before closing is done, what is asked after it is refused', async () => {
  const other = await NetworkThread.start()
  const asked = other.listLinks()
  const deleted = other.run([{ do: 'delete-link', name: 'swtnone' }])
  const closing = other[Symbol.asyncDispose]()
  await assert.rejects(other.listLinks(), { name: 'SlipwayError', code: 'unavailable' })
  assert.ok((await asked).some(({ name }) => name === 'lo'))
  await deleted
  await closing
  await other[Symbol.asyncDispose]()
})

test('the package works in a worker thread', async () => {
  const index = new URL('../index.ts', import.meta.url).href
  const body = `
    const { parentPort } = require('node:worker_threads')
    import('${index}').then(({ getXattr, isMountPoint, openInRoot }) => {
      const fd = openInRoot('/', 'etc', 0)
      require('node:fs').closeSync(fd)
      parentPort.postMessage([isMountPoint('/proc'), getXattr('/etc', 'user.swt')])
    })`
  const worker = new Worker(body, { eval: true, trackUnmanagedFds: false })
  const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  assert.deepEqual(answer, [true, undefined])
  await worker.terminate()
})
