import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { FirewallAccept } from '../firewall/accept.ts'
import { askNft } from '../nft/run-nft.ts'
import { teardown } from '../teardown.ts'
import { eventually } from '../testing/eventually.ts'
import { inOwnNetns } from '../testing/own-netns.ts'
import { ask, askBriefly, hostAddress, listenIn, openTwoHosts, type TwoHosts } from '../testing/two-hosts.ts'
import { BridgeDriver } from './driver.ts'

const openBridge = async () => {
  await using stack = new AsyncDisposableStack()
  const hosts = stack.use(await openTwoHosts())
  const firewall = stack.use(new FirewallAccept())
  const driver = new BridgeDriver({ thread: hosts.thread, firewall })
  await driver.create(hosts.network)
  const netns = `${hosts.directory}/container`
  await hosts.thread.createNetns(netns)
  stack.defer(() => hosts.thread.deleteNetns(netns))
  const kept = stack.move()
  return { ...hosts, firewall, driver, netns, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const addressOn = ({ network }: Pick<TwoHosts, 'network'>, last: number): string =>
  `${(network.subnets[0]?.gateway ?? '').replace(/\.1$/, `.${last}`)}/24`

const sysctl = async (path: string): Promise<string> => (await readFile(`/proc/sys/${path}`, 'utf8')).trim()

const tables = async (): Promise<readonly unknown[]> =>
  (await askNft('list', 'tables')).flatMap(({ table }) => (table === undefined ? [] : [table]))

inOwnNetns(import.meta.url, () => {
  test('create() makes the bridge and what it needs, and remove() takes all of it away', async () => {
    await using world = await openBridge()
    const link = (await world.thread.listLinks()).find(({ name }) => name === world.bridge)
    assert.equal(link?.kind, 'bridge')
    assert.equal(link.up, true)
    assert.equal(await sysctl('net/ipv4/ip_forward'), '1')
    assert.equal(await sysctl(`net/ipv4/conf/${world.bridge}/route_localnet`), '1')
    assert.equal(await sysctl('net/ipv4/conf/uplink/route_localnet'), '0')
    assert.equal((await tables()).length, 1)
    await world.driver.remove(world.network)
    await world.driver.remove(world.network)
    assert.deepEqual(await tables(), [])
    assert.ok(!(await world.thread.listLinks()).some(({ name }) => name === world.bridge))
  })

  test('create() of what is there repairs it', async () => {
    await using world = await openBridge()
    const gateway = addressOn(world, 1)
    await world.thread.run([
      { do: 'delete-address', name: world.bridge, address: gateway },
      { do: 'set-down', name: world.bridge },
      { do: 'sysctl', key: `net/ipv4/conf/${world.bridge}/route_localnet`, value: 0 },
    ])
    await world.driver.create(world.network)
    await world.driver.create(world.network)
    const addresses = await world.thread.listAddresses()
    assert.equal(addresses.filter(({ address }) => address === gateway).length, 1)
    assert.equal(await sysctl(`net/ipv4/conf/${world.bridge}/route_localnet`), '1')
    const rules = (await askNft('list', 'chain', 'ip', world.bridge, 'postrouting')).filter(({ rule }) => rule)
    assert.equal(rules.length, 3, 'rules are replaced, not added')
  })

  test('a link that is no bridge is left alone', async () => {
    await using world = await openBridge()
    const network = { ...world.network, options: { 'com.docker.network.bridge.name': 'uplink' } }
    await assert.rejects(world.driver.create(network), {
      code: 'conflict',
      message: 'existing interface uplink is not a bridge',
    })
  })

  test('connect() gives the sandbox its cable, address, MAC and route', async () => {
    await using world = await openBridge()
    const { thread, netns, network } = world
    const request = { network, addresses: [addressOn(world, 2)] }
    const endpoint = await world.driver.connect(request, { containerId: 'web', netns })
    const [, second, third] = /^10\.(\d+)\.(\d+)\./.exec(addressOn(world, 2)) ?? []
    assert.deepEqual(endpoint, {
      networkId: network.id,
      interfaceName: 'eth0',
      hostInterfaceName: endpoint.hostInterfaceName,
      addresses: request.addresses,
      gateway: network.subnets[0]?.gateway,
      macAddress: `02:42:0a:${[second, third].map((byte) => Number(byte).toString(16).padStart(2, '0')).join(':')}:02`,
    })
    const eth0 = (await thread.listLinks({ netns })).find(({ name }) => name === 'eth0')
    assert.equal(eth0?.macAddress, endpoint.macAddress)
    assert.equal(eth0?.up, true)
    const routes = await thread.listRoutes({ netns })
    assert.ok(routes.some(({ destination, via }) => destination === 'default' && via === endpoint.gateway))
  })

  test('connect() of what is connected mends it, and keeps its connections', async () => {
    await using world = await openBridge()
    const { thread, netns, network } = world
    const request = { network, addresses: [addressOn(world, 2)] }
    const sandbox = { containerId: 'web', netns }
    const first = await world.driver.connect(request, sandbox)
    await using _ = await listenIn(netns, 80)
    const index = (await thread.listLinks({ netns })).find(({ name }) => name === 'eth0')?.index
    await thread.run([
      { do: 'set-master', name: first.hostInterfaceName, master: null },
      { do: 'delete-route', destination: 'default', via: first.gateway ?? '', netns },
    ])
    assert.deepEqual(await world.driver.connect(request, sandbox), first)
    assert.equal(
      (await thread.listLinks({ netns })).find(({ name }) => name === 'eth0')?.index,
      index,
      'the same cable',
    )
    assert.equal(await ask(addressOn(world, 2).replace('/24', ''), 80), first.gateway)
    assert.equal(await askBriefly(hostAddress, 80, netns), undefined)
  })

  test('connect() lays the cable anew when the sandbox is another one', async () => {
    await using world = await openBridge()
    const { thread, network } = world
    const request = { network, addresses: [addressOn(world, 2)] }
    await world.driver.connect(request, { containerId: 'web', netns: world.netns })
    const netns = `${world.directory}/second`
    await thread.createNetns(netns)
    const endpoint = await world.driver.connect(request, { containerId: 'web', netns })
    assert.equal(endpoint.interfaceName, 'eth0')
    assert.ok((await thread.listLinks({ netns })).some(({ name }) => name === 'eth0'))
    await thread.deleteNetns(netns)
  })

  test('a second network is eth1, and leaves the route to the first', async () => {
    await using world = await openBridge()
    const { thread, netns } = world
    const other = {
      ...world.network,
      id: 'f'.repeat(64),
      subnets: [{ cidr: '10.202.7.0/24', gateway: '10.202.7.1' }],
      options: { 'com.docker.network.bridge.name': 'swtother' },
    }
    await world.driver.create(other)
    const sandbox = { containerId: 'web', netns }
    const first = await world.driver.connect({ network: world.network, addresses: [addressOn(world, 2)] }, sandbox)
    const second = await world.driver.connect({ network: other, addresses: ['10.202.7.2/24'] }, sandbox)
    assert.deepEqual([first.interfaceName, second.interfaceName], ['eth0', 'eth1'])
    const routes = await thread.listRoutes({ netns })
    assert.deepEqual(
      routes.filter(({ destination }) => destination === 'default').map(({ via }) => via),
      [first.gateway],
    )
    await teardown({ bridge: 'swtother', thread })
  })

  test('leadOut() makes the way out lead through another endpoint', async () => {
    await using world = await openBridge()
    const { thread, netns, driver } = world
    const other = {
      ...world.network,
      id: 'e'.repeat(64),
      subnets: [{ cidr: '10.202.8.0/24', gateway: '10.202.8.1' }],
      options: { 'com.docker.network.bridge.name': 'swtother' },
    }
    await driver.create(other)
    const sandbox = { containerId: 'web', netns }
    await driver.connect({ network: world.network, addresses: [addressOn(world, 2)] }, sandbox)
    const second = await driver.connect({ network: other, addresses: ['10.202.8.2/24'], defaultRoute: false }, sandbox)
    await driver.leadOut(second, sandbox)
    const routes = await thread.listRoutes({ netns })
    assert.deepEqual(
      routes.filter(({ destination }) => destination === 'default').map(({ via }) => via),
      ['10.202.8.1'],
    )
    await teardown({ bridge: 'swtother', thread })
  })

  test('sweep() takes away the cables that nobody knows, and no others', async () => {
    await using world = await openBridge()
    const { thread, netns, network, driver } = world
    const known = await driver.connect({ network, addresses: [addressOn(world, 2)] }, { containerId: 'web', netns })
    const lost = await driver.connect(
      { network, addresses: [addressOn(world, 3)], interfaceName: 'eth1' },
      { containerId: 'lost', netns },
    )
    await driver.sweep(network, new Set([known.hostInterfaceName]))
    const left = (await thread.listLinks()).map(({ name }) => name)
    assert.ok(left.includes(known.hostInterfaceName) && left.includes('uplink'))
    assert.ok(!left.includes(lost.hostInterfaceName))
  })

  test('disconnect() takes the cable away, and may be repeated', async () => {
    await using world = await openBridge()
    const { thread, netns, network } = world
    const sandbox = { containerId: 'web', netns }
    const endpoint = await world.driver.connect({ network, addresses: [addressOn(world, 2)] }, sandbox)
    await world.driver.disconnect(endpoint)
    await world.driver.disconnect(endpoint)
    // The kernel takes its time to delete a link, and nobody waits for it.
    await eventually('both ends are gone', async () => {
      const [outside, inside] = await Promise.all([thread.listLinks(), thread.listLinks({ netns })])
      return ![...outside, ...inside].some(({ name }) => name === endpoint.hostInterfaceName || name === 'eth0')
    })
  })

  test('a failed connect() leaves nothing behind', async () => {
    await using world = await openBridge()
    const before = (await world.thread.listLinks()).length
    const netns = `${world.directory}/missing`
    await assert.rejects(
      world.driver.connect({ network: world.network, addresses: [addressOn(world, 2)] }, { containerId: 'web', netns }),
    )
    await eventually('as many links as before', async () => (await world.thread.listLinks()).length === before)
  })

  test('an internal network reaches its own gateway, and nothing else', async () => {
    await using world = await openBridge()
    const { netns, client } = world
    const network = { ...world.network, internal: true }
    await world.driver.create(network)
    const request = { network, addresses: [addressOn(world, 2)] }
    const endpoint = await world.driver.connect(request, { containerId: 'web', netns })
    assert.equal(endpoint.gateway, undefined)
    await using _ = await listenIn(client, 80)
    await world.thread.run([{ do: 'add-route', destination: 'default', via: network.subnets[0]?.gateway ?? '', netns }])
    assert.equal(await askBriefly('198.51.100.2', 80, netns), undefined)
  })
})
