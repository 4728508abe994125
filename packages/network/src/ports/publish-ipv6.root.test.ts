import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint, NetworkConfig } from '@slipway/core'
import { BridgeDriver } from '../bridge/driver.ts'
import { FirewallAccept } from '../firewall/accept.ts'
import { inOwnNetns } from '../testing/own-netns.ts'
import {
  ask,
  askBriefly,
  clientAddress,
  clientAddress6,
  hostAddress,
  hostAddress6,
  listenIn,
  openTwoHosts,
} from '../testing/two-hosts.ts'
import { NftPortPublisher } from './publish.ts'

const gateway6 = 'fd00:1:2:3::1'
const webAddress6 = 'fd00:1:2:3::2'
const otherAddress6 = 'fd00:1:2:3::3'

interface Container {
  readonly containerId: string
  readonly netns: string
  readonly endpoint: Endpoint
}

/** A dual-stack bridge with two containers that listen on port 80. */
const openWorld = async (more: Partial<NetworkConfig> = {}) => {
  await using stack = new AsyncDisposableStack()
  const hosts = stack.use(await openTwoHosts())
  const { thread } = hosts
  const subnets = [...hosts.network.subnets, { cidr: 'fd00:1:2:3::/64', gateway: gateway6 }]
  const network = { ...hosts.network, subnets, ...more }
  const driver = new BridgeDriver({ thread, firewall: stack.use(new FirewallAccept()) })
  await driver.create(network)
  stack.defer(() => driver.remove(network))
  const containers: Container[] = []
  for (const [index, address6] of [webAddress6, otherAddress6].entries()) {
    const netns = `${hosts.directory}/c${index}`
    await thread.createNetns(netns)
    stack.defer(() => thread.deleteNetns(netns))
    const address = (hosts.network.subnets[0]?.gateway ?? '').replace(/\.1$/, `.${index + 2}`)
    const addresses = [`${address}/24`, `${address6}/64`]
    const containerId = `c${index}`
    const endpoint = await driver.connect({ network, addresses }, { containerId, netns })
    stack.use(await listenIn(netns, 80))
    containers.push({ containerId, netns, endpoint })
  }
  const [web, other] = containers
  assert.ok(web && other)
  const kept = stack.move()
  return { hosts, web, other, driver, network, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const anyAddress = { protocol: 'tcp', containerPort: 80, hostIp: '', hostPort: 8080 } as const

inOwnNetns(import.meta.url, () => {
  test('on an IPv6 network a published port is reached by both families, and sees who asks', async () => {
    await using world = await openWorld()
    const { hosts, web, other } = world
    const address = web.endpoint.addresses[0]?.split('/')[0] ?? ''
    await using publisher = await NftPortPublisher.open({ table: hosts.bridge })
    const mappings = await publisher.reserve(web.containerId, [anyAddress], address)
    await publisher.publish({ containerId: web.containerId, address, address6: webAddress6, mappings })
    assert.equal(web.endpoint.gateway6, gateway6)
    assert.equal(await ask(hostAddress6, 8080, hosts.client), clientAddress6, 'from another host')
    assert.equal(await ask(hostAddress, 8080, hosts.client), clientAddress, 'from another host by IPv4')
    assert.equal(await ask(hostAddress6, 8080), hostAddress6, "from the host, by an address of the host's")
    assert.notEqual(await ask('::1', 8080), undefined, 'from the host, by its loopback')
    assert.equal(await ask(hostAddress6, 8080, other.netns), gateway6, 'from a neighbour')
    assert.equal(await ask(hostAddress6, 8080, web.netns), gateway6, 'from the container itself')
    assert.equal(await ask(webAddress6, 80, other.netns), otherAddress6, 'a neighbour, directly')

    await publisher.reconcile([{ containerId: web.containerId, address, address6: webAddress6, mappings }])
    assert.equal(await ask(hostAddress6, 8080, hosts.client), clientAddress6, 'after a restart')
    await publisher.release(web.containerId)
    assert.equal(await askBriefly(hostAddress6, 8080, hosts.client), undefined)
  })

  test('a container reaches other hosts by IPv6 behind the address of its own, and is out of reach itself', async () => {
    await using world = await openWorld()
    const { hosts, web } = world
    await using _ = await listenIn(hosts.client, 80)
    assert.equal(await ask(clientAddress6, 80, web.netns), hostAddress6)
    await hosts.thread.run([{ do: 'add-route', destination: 'fd00:1:2:3::/64', via: hostAddress6 }], {
      netns: hosts.client,
    })
    assert.equal(await askBriefly(webAddress6, 80, hosts.client), undefined)
    assert.notEqual(await ask(webAddress6, 80), undefined, 'the host itself may')
  })

  test('an internal IPv6 network leads nowhere', async () => {
    await using world = await openWorld({ internal: true })
    const { hosts, web, other } = world
    await using _ = await listenIn(hosts.client, 80)
    assert.equal(web.endpoint.gateway6, undefined)
    await hosts.thread.run([{ do: 'add-route', destination: 'default', via: gateway6 }], { netns: web.netns })
    assert.equal(await askBriefly(clientAddress6, 80, web.netns), undefined)
    assert.equal(await ask(webAddress6, 80, other.netns), otherAddress6)
  })

  test('a network with IPv6 alone has it all, but for what the other family would need', async () => {
    await using world = await openWorld({ subnets: [{ cidr: 'fd00:1:2:3::/64', gateway: gateway6 }] })
    const { hosts, web } = world
    await using publisher = await NftPortPublisher.open({ table: hosts.bridge })
    const mappings = await publisher.reserve(web.containerId, [anyAddress], webAddress6)
    await publisher.publish({ containerId: web.containerId, address: webAddress6, address6: webAddress6, mappings })
    assert.equal(await ask(hostAddress6, 8080, hosts.client), clientAddress6)
    assert.equal(await ask(hostAddress, 8080, hosts.client), gateway6, 'IPv4 is relayed')
  })

  test('a bridge that is given another range loses its old address', async () => {
    await using world = await openWorld()
    const { hosts, driver, network } = world
    await driver.create({ ...network, subnets: [{ cidr: '10.202.9.0/24', gateway: '10.202.9.1' }] })
    const links = await hosts.thread.listLinks()
    const index = links.find(({ name }) => name === hosts.bridge)?.index
    const addresses = (await hosts.thread.listAddresses()).filter(({ linkIndex }) => linkIndex === index)
    assert.deepEqual(
      addresses.map(({ address }) => address).filter((address) => !address.startsWith('fe80:')),
      ['10.202.9.1/24'],
    )
  })
})
