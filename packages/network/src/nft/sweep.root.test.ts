import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { NetworkConfig } from '@slipway/core'
import { BridgeDriver } from '../bridge/driver.ts'
import { FirewallAccept } from '../firewall/accept.ts'
import { NftPortPublisher } from '../ports/publish.ts'
import { teardown } from '../teardown.ts'
import { inOwnNetns } from '../testing/own-netns.ts'
import { ask, clientAddress, hostAddress, listenIn, openTwoHosts, type TwoHosts } from '../testing/two-hosts.ts'
import { askNft, runNft } from './run-nft.ts'
import { sweepTables } from './sweep.ts'

const tablesOf = async (): Promise<readonly string[]> =>
  (await askNft('list', 'tables')).flatMap(({ table }) => {
    const { family, name } = (table ?? {}) as { readonly family?: string; readonly name?: string }
    return name === undefined ? [] : [`${family} ${name}`]
  })

const named = (network: NetworkConfig, bridge: string): NetworkConfig => ({
  ...network,
  options: { 'com.docker.network.bridge.name': bridge },
})

/** What is left of an engine that was killed, and whose bridge someone has removed: its table, and a port in it. */
const leaveTable = async ({ thread, network }: TwoHosts, bridge: string): Promise<void> => {
  await using firewall = new FirewallAccept()
  await new BridgeDriver({ thread, firewall }).create(named(network, bridge))
  await using publisher = await NftPortPublisher.open({ table: bridge })
  const address = (network.subnets[0]?.gateway ?? '').replace(/\.1$/, '.3')
  const mappings = [{ protocol: 'tcp', containerPort: 80, hostIp: '0.0.0.0', hostPort: 8081 }] as const
  await publisher.publish({ containerId: 'dead', address, mappings })
  await thread.run([{ do: 'delete-link', name: bridge }])
}

/** A bridge with two containers, of which the second listens. */
const openPair = async (hosts: TwoHosts) => {
  await using stack = new AsyncDisposableStack()
  const { thread, network, directory, bridge } = hosts
  const firewall = stack.use(new FirewallAccept())
  const driver = new BridgeDriver({ thread, firewall })
  await driver.create(network)
  stack.defer(() => teardown({ bridge, thread, firewall }))
  const gateway = network.subnets[0]?.gateway ?? ''
  const addressOf = (last: number): string => gateway.replace(/\.1$/, `.${last}`)
  const netnsOf = (last: number): string => `${directory}/container-${last}`
  for (const last of [2, 3]) {
    const netns = netnsOf(last)
    await thread.createNetns(netns)
    stack.defer(() => thread.deleteNetns(netns))
    await driver.connect({ network, addresses: [`${addressOf(last)}/24`] }, { containerId: `c${last}`, netns })
  }
  stack.use(await listenIn(netnsOf(3), 80))
  const kept = stack.move()
  return { driver, netnsOf, addressOf, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

inOwnNetns(import.meta.url, () => {
  test('the table of a bridge that is gone is in nobody’s way, though another bridge has its range', async () => {
    // The bridge asks netfilter about what passes it: then rules see what containers of one network say to each other.
    await writeFile('/proc/sys/net/bridge/bridge-nf-call-iptables', '1')
    await using hosts = await openTwoHosts()
    await leaveTable(hosts, 'swtdead')
    await using pair = await openPair(hosts)
    assert.ok((await tablesOf()).includes('ip swtdead'))
    assert.equal(await ask(pair.addressOf(3), 80, pair.netnsOf(2)), pair.addressOf(2), 'from its neighbour')
    assert.equal(await ask(pair.addressOf(3), 80), pair.addressOf(1), 'from the host')
    await using _ = await listenIn(hosts.client, 81)
    assert.equal(await ask(clientAddress, 81, pair.netnsOf(2)), hostAddress, 'to another host')
  })

  test('it is swept away with what it published, and the others are left alone', async () => {
    await using hosts = await openTwoHosts()
    await leaveTable(hosts, 'swtdead')
    await runNft(
      'add table ip theirs\nadd chain ip theirs published_ports\nadd rule ip theirs published_ports counter\n',
    )
    await using pair = await openPair(hosts)
    await pair.driver.sweepTables()
    assert.deepEqual((await tablesOf()).toSorted(), [`ip ${hosts.bridge}`, 'ip theirs'])
    assert.deepEqual(await sweepTables({ thread: hosts.thread }), [])
    assert.equal(await ask(pair.addressOf(3), 80, pair.netnsOf(2)), pair.addressOf(2))
    await runNft('delete table ip theirs\n')
  })

  test('rules of an administrator’s own stay where all others go', async () => {
    await using hosts = await openTwoHosts()
    await leaveTable(hosts, 'swtdead')
    await runNft('add rule ip swtdead user counter comment "mine"\n')
    assert.deepEqual(await sweepTables({ thread: hosts.thread }), ['swtdead'])
    const rules = (await askNft('list', 'table', 'ip', 'swtdead')).flatMap(({ rule }) =>
      rule === undefined ? [] : [rule],
    )
    assert.equal(rules.length, 1)
    assert.match(JSON.stringify(rules), /mine/)
    assert.deepEqual(await sweepTables({ thread: hosts.thread }), [], 'nothing is left to take')
    // The bridge may come back.
    await using firewall = new FirewallAccept()
    const driver = new BridgeDriver({ thread: hosts.thread, firewall })
    await driver.create(named(hosts.network, 'swtdead'))
    assert.match(JSON.stringify(await askNft('list', 'table', 'ip', 'swtdead')), /mine/)
    await teardown({ bridge: 'swtdead', thread: hosts.thread })
  })

  test('the table of a bridge that is about to be made again stays', async () => {
    await using hosts = await openTwoHosts()
    await leaveTable(hosts, 'swtdead')
    assert.deepEqual(await sweepTables({ thread: hosts.thread, except: new Set(['swtdead']) }), [])
    await runNft('delete table ip swtdead\n')
  })
})
