import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BridgeDriver } from '../bridge/driver.ts'
import { FirewallAccept } from '../firewall/accept.ts'
import { parseInterfaceAddress } from '../ipam/cidr.ts'
import { askNft, runNft } from '../nft/run-nft.ts'
import { SandboxPool } from '../sandbox/pool.ts'
import { inOwnNetns } from '../testing/own-netns.ts'
import {
  ask,
  askBriefly,
  askDatagram,
  clientAddress,
  echoIn,
  hostAddress,
  listenIn,
  openTwoHosts,
  sendingFrom,
  type TwoHosts,
} from '../testing/two-hosts.ts'
import { NftPortPublisher } from './publish.ts'

const containerAddress = ({ network }: TwoHosts, last: number): string =>
  (network.subnets[0]?.gateway ?? '').replace(/\.1$/, `.${last}`)

/** A bridge with two containers that listen on port 80. */
const openContainers = async (hosts: TwoHosts) => {
  await using stack = new AsyncDisposableStack()
  const { thread, network } = hosts
  const firewall = stack.use(new FirewallAccept())
  const driver = new BridgeDriver({ thread, firewall })
  await driver.create(network)
  const pool = stack.use(
    await SandboxPool.open({ directory: `${hosts.directory}/netns`, thread, inUse: new Set(), size: 1 }),
  )
  const containers = []
  for (const [index, containerId] of ['web', 'other'].entries()) {
    const netns = await pool.take(containerId)
    stack.defer(() => pool.discard(netns))
    const endpoint = await driver.connect(
      { network, addresses: [`${containerAddress(hosts, index + 2)}/24`] },
      { containerId, netns },
    )
    stack.use(await listenIn(netns, 80))
    containers.push({
      containerId,
      netns,
      endpoint,
      address: parseInterfaceAddress(endpoint.addresses[0] ?? '').address,
    })
  }
  const [web, other] = containers
  assert.ok(web && other)
  const kept = stack.move()
  return { driver, firewall, web, other, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const range = { first: 32768, last: 60999 }
const anyAddress = { protocol: 'tcp', containerPort: 80, hostIp: '', hostPort: 0 } as const

inOwnNetns(import.meta.url, () => {
  test('a published port answers from everywhere, and sees who asks', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    const { web, other } = world
    await using publisher = new NftPortPublisher({ table: hosts.bridge, range })
    const mappings = await publisher.reserve(web.containerId, [anyAddress], web.address)
    assert.deepEqual(mappings, [
      { ...anyAddress, hostIp: '0.0.0.0', hostPort: 32768 },
      { ...anyAddress, hostIp: '::', hostPort: 32768 },
    ])
    await publisher.publish({ containerId: web.containerId, address: web.address, mappings })
    const gateway = hosts.network.subnets[0]?.gateway

    assert.equal(await ask(hostAddress, 32768, hosts.client), clientAddress, 'from another host')
    assert.equal(await ask(hostAddress, 32768), hostAddress, "from the host, by an address of the host's")
    assert.equal(await ask('127.0.0.1', 32768), gateway, 'from the host, by its loopback')
    assert.equal(await ask('::1', 32768), gateway, 'from the host, by its IPv6 loopback')
    assert.equal(await ask(hostAddress, 32768, other.netns), gateway, 'from a neighbour')
    assert.equal(await ask(hostAddress, 32768, web.netns), gateway, 'from the container itself')
    assert.equal(await ask(gateway ?? '', 32768, other.netns), gateway, 'from a neighbour, by the gateway')

    await publisher.release(web.containerId)
    assert.equal(await askBriefly(hostAddress, 32768, hosts.client), undefined)
    assert.equal(await askBriefly('127.0.0.1', 32768), undefined)
  })

  test('the bridge translating by itself (br_netfilter) or not, neighbours and the container itself are served', async () => {
    await using hosts = await openTwoHosts()
    const set = (value: number): Promise<void> =>
      hosts.thread.run([{ do: 'sysctl', key: 'net/bridge/bridge-nf-call-iptables', value, tolerate: ['ENOENT'] }])
    for (const value of [0, 1]) {
      await set(value)
      await using world = await openContainers(hosts)
      const { web, other } = world
      await using publisher = new NftPortPublisher({ table: hosts.bridge, range })
      const mappings = await publisher.reserve(web.containerId, [{ ...anyAddress, hostPort: 8080 }], web.address)
      await publisher.publish({ containerId: web.containerId, address: web.address, mappings })
      const gateway = hosts.network.subnets[0]?.gateway
      assert.equal(await ask(hostAddress, 8080, other.netns), gateway, `a neighbour, ${value}`)
      assert.equal(await ask(hostAddress, 8080, web.netns), gateway, `itself, ${value}`)
      assert.equal(await ask(web.address, 80, other.netns), other.address, `a neighbour, directly, ${value}`)
      await publisher.release(web.containerId)
    }
  })

  test('datagrams are answered from everywhere too', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    const { web, other } = world
    await using publisher = new NftPortPublisher({ table: hosts.bridge, range })
    await using _ = await echoIn(web.netns, 53)
    const wanted = [{ protocol: 'udp', containerPort: 53, hostIp: '', hostPort: 5353 }] as const
    const mappings = await publisher.reserve(web.containerId, wanted, web.address)
    await publisher.publish({ containerId: web.containerId, address: web.address, mappings })
    assert.equal(await askDatagram(hostAddress, 5353, hosts.client), clientAddress, 'from another host')
    assert.notEqual(await askDatagram('127.0.0.1', 5353), undefined, 'from the host')
    assert.notEqual(await askDatagram('::1', 5353), undefined, 'by its IPv6 loopback')
    assert.notEqual(await askDatagram(hostAddress, 5353, other.netns), undefined, 'from a neighbour')
  })

  test('a client that keeps sending reaches the container that has the port now', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    await using publisher = new NftPortPublisher({
      table: hosts.bridge,
      range,
      forgetDatagrams: (ports) => hosts.thread.forgetDatagrams(ports),
    })
    const wanted = [{ protocol: 'udp', containerPort: 53, hostIp: '', hostPort: 5353 }] as const
    await using client = await sendingFrom(hosts.client)
    for (const { containerId, address, netns } of [world.web, world.other, world.web]) {
      await using _ = await echoIn(netns, 53, containerId)
      const mappings = await publisher.reserve(containerId, wanted, address)
      await publisher.publish({ containerId, address, mappings })
      await client.until(containerId, hostAddress, 5353)
      await publisher.release(containerId)
    }
  })

  test('changes that come together share transactions, and each is in force when its promise resolves', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    const { web } = world
    let transactions = 0
    await using publisher = new NftPortPublisher({
      table: hosts.bridge,
      range,
      onChange: () => {
        transactions += 1
      },
    })
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const containerId = `c${index}`
        const mappings = await publisher.reserve(containerId, [{ ...anyAddress, hostPort: 9000 + index }], web.address)
        await publisher.publish({ containerId, address: web.address, mappings })
        assert.equal(await ask(hostAddress, 9000 + index, hosts.client), clientAddress)
        await publisher.release(containerId)
      }),
    )
    assert.ok(transactions < 30, `40 changes took ${transactions} transactions`)
    const elements = await askNft('list', 'map', 'ip', hosts.bridge, 'published')
    assert.ok(!JSON.stringify(elements).includes('"elem"'), 'nothing is left')
  })

  test('a container that publishes nothing costs no transaction', async () => {
    await using publisher = new NftPortPublisher({ table: 'swtnone', range, onChange: () => assert.fail() })
    await publisher.publish({ containerId: 'web', address: '10.201.0.2', mappings: [] })
    await publisher.release('web')
  })

  test('a container reaches other hosts, behind the address of its own', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    await using _ = await listenIn(hosts.client, 80)
    assert.equal(await ask(clientAddress, 80, world.web.netns), hostAddress)
  })

  test('what is not published is out of reach from other hosts, even where they know the way', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    const { web } = world
    await hosts.thread.run([{ do: 'add-route', destination: hosts.network.subnets[0]?.cidr ?? '', via: hostAddress }], {
      netns: hosts.client,
    })
    assert.equal(await askBriefly(web.address, 80, hosts.client), undefined)
    assert.notEqual(await ask(web.address, 80), undefined, 'the host itself may')
  })

  test('a port on one address of the host answers there only', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    const { web } = world
    await using publisher = new NftPortPublisher({ table: hosts.bridge, range })
    const wanted = [{ ...anyAddress, hostIp: '127.0.0.1', hostPort: 8081 }]
    const mappings = await publisher.reserve(web.containerId, wanted, web.address)
    await publisher.publish({ containerId: web.containerId, address: web.address, mappings })
    assert.equal(await ask('127.0.0.1', 8081), hosts.network.subnets[0]?.gateway)
    assert.equal(await askBriefly(hostAddress, 8081), undefined)
    assert.equal(await askBriefly(hostAddress, 8081, hosts.client), undefined)
  })

  test('rules outlive the publisher; reconcile() takes them over, and writes anew what someone flushed', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    const { web, other } = world
    const first = new NftPortPublisher({ table: hosts.bridge, range })
    const mappings = await first.reserve(web.containerId, [{ ...anyAddress, hostPort: 8080 }], web.address)
    const published = { containerId: web.containerId, address: web.address, mappings }
    await first.publish(published)
    await first[Symbol.asyncDispose]()
    assert.equal(await ask(hostAddress, 8080, hosts.client), clientAddress, 'while the daemon is away')

    const repair = (): Promise<void> => world.driver.create(hosts.network)
    await using second = new NftPortPublisher({ table: hosts.bridge, range, repair })
    await world.driver.create(hosts.network)
    assert.equal(await ask(hostAddress, 8080, hosts.client), clientAddress, 'after the bridge was repaired')
    await second.reconcile([published])
    assert.equal(await ask(hostAddress, 8080, hosts.client), clientAddress)
    await assert.rejects(second.reserve('third', [{ ...anyAddress, hostPort: 8080 }]), {
      code: 'conflict',
      message: 'Bind for 0.0.0.0:8080 failed: port is already allocated',
    })

    await runNft('flush ruleset\n')
    const more = await second.reserve(other.containerId, [{ ...anyAddress, hostPort: 8090 }], other.address)
    await second.publish({ containerId: other.containerId, address: other.address, mappings: more })
    assert.equal(await ask(hostAddress, 8080, hosts.client), clientAddress)
    assert.equal(await ask(hostAddress, 8090, hosts.client), clientAddress)
  })
  test('no connection is lost while rules are written anew', async () => {
    await using hosts = await openTwoHosts()
    await using world = await openContainers(hosts)
    const { web } = world
    await using publisher = new NftPortPublisher({ table: hosts.bridge, range })
    const mappings = await publisher.reserve(web.containerId, [{ ...anyAddress, hostPort: 8080 }], web.address)
    const published = { containerId: web.containerId, address: web.address, mappings }
    await publisher.publish(published)
    let rewriting = true
    const rewritten = (async () => {
      for (let round = 0; round < 20; round += 1) {
        await world.driver.create(hosts.network)
        await publisher.reconcile([published])
      }
    })().finally(() => {
      rewriting = false
    })
    const answers = new Set<string | undefined>()
    let asked = 0
    for (; rewriting; asked += 1) answers.add(await ask(hostAddress, 8080, hosts.client))
    await rewritten
    assert.deepEqual([...answers], [clientAddress], `of ${asked} connections`)
    assert.ok(asked > 10)
  })
})
