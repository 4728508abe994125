import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { LinkOperation } from '@slipway/linux'
import { FirewallAccept } from '../firewall/accept.ts'
import { askNft, runNft } from '../nft/run-nft.ts'
import { teardown } from '../teardown.ts'
import { eventually } from '../testing/eventually.ts'
import { inOwnNetns } from '../testing/own-netns.ts'
import { openTwoHosts, type TwoHosts } from '../testing/two-hosts.ts'
import { BridgeDriver, type BridgeDriverOptions } from './driver.ts'

type Thread = BridgeDriverOptions['thread']

/** The same thread, but the kernel refuses everything from the step with this number on, as often as `times` says. */
const failingAt = (thread: Thread, step: number, times: number): Thread & { readonly hasFailed: () => boolean } => {
  let [left, failures] = [step, 0]
  const run = async (operations: readonly LinkOperation[]): Promise<void> => {
    const done = operations.slice(0, left)
    left -= done.length
    if (done.length > 0) await thread.run(done)
    if (done.length === operations.length) return
    failures += 1
    if (failures >= times) left = Number.POSITIVE_INFINITY
    throw Object.assign(new Error('ENOBUFS: no buffer space available'), { code: 'ENOBUFS' })
  }
  return {
    run,
    listLinks: (options) => thread.listLinks(options),
    listAddresses: (options) => thread.listAddresses(options),
    nftablesSince: (generation) => thread.nftablesSince(generation),
    hasFailed: () => failures > 0,
  }
}

/** Everything that a network may leave in the kernel. */
const stateOf = async ({ thread }: Pick<TwoHosts, 'thread'>, netns?: string) => {
  const links = (await thread.listLinks()).map(({ name }) => name)
  const inside = netns === undefined ? [] : (await thread.listLinks({ netns })).map(({ name }) => name)
  const rules = (await askNft('list', 'tables')).flatMap(({ table }) => (table === undefined ? [] : [table]))
  return { links, inside, rules: rules.length }
}

const network6 = ({ network }: TwoHosts) => ({
  ...network,
  subnets: [...network.subnets, { cidr: 'fd00:1:2:6::/64', gateway: 'fd00:1:2:6::1' }],
})

const manySteps = 40

inOwnNetns(import.meta.url, () => {
  test('create() leaves nothing, whichever of its steps the kernel refuses', async () => {
    await using hosts = await openTwoHosts()
    await using firewall = new FirewallAccept()
    const before = await stateOf(hosts)
    let refused = 0
    for (let step = 0; step < manySteps; step += 1) {
      const thread = failingAt(hosts.thread, step, 1)
      const driver = new BridgeDriver({ thread, firewall })
      const created = await driver.create(network6(hosts)).then(
        () => true,
        (error) => error.code !== 'ENOBUFS',
      )
      assert.equal(created, !thread.hasFailed())
      if (created) break
      refused += 1
      assert.deepEqual(await stateOf(hosts), before, `step ${step}`)
    }
    assert.ok(refused > 5 && refused < manySteps)
    await teardown({ bridge: hosts.bridge, thread: hosts.thread, firewall })
  })

  test('create() leaves nothing when nft fails', async () => {
    await using hosts = await openTwoHosts()
    await using firewall = new FirewallAccept()
    const before = await stateOf(hosts)
    // A map of another kind is in the way of ours.
    await runNft(
      `add table ip6 ${hosts.bridge}\nadd map ip6 ${hosts.bridge} published { type ipv6_addr : ipv6_addr ; }\n`,
    )
    const driver = new BridgeDriver({ thread: hosts.thread, firewall })
    await assert.rejects(driver.create(network6(hosts)), /nft failed/)
    assert.deepEqual(await stateOf(hosts), before)
  })

  test('connect() leaves no cable, whichever of its steps the kernel refuses', async () => {
    await using hosts = await openTwoHosts()
    await using firewall = new FirewallAccept()
    const network = network6(hosts)
    const netns = `${hosts.directory}/container`
    await hosts.thread.createNetns(netns)
    await new BridgeDriver({ thread: hosts.thread, firewall }).create(network)
    const before = await stateOf(hosts, netns)
    const addresses = [(network.subnets[0]?.gateway ?? '').replace(/\.1$/, '.2/24'), 'fd00:1:2:6::2/64']
    const connect = (thread: Thread) => {
      const driver = new BridgeDriver({ thread, firewall })
      return driver.connect({ network, addresses }, { containerId: 'web', netns })
    }
    let refused = 0
    for (let step = 0; step < manySteps; step += 1) {
      const thread = failingAt(hosts.thread, step, 1)
      const connected = await connect(thread).then(
        () => true,
        (error) => error.code !== 'ENOBUFS',
      )
      assert.equal(connected, !thread.hasFailed(), `step ${step}`)
      if (connected) break
      refused += 1
      // The kernel takes its time to delete a link, and nobody waits for it.
      await eventually(`step ${step}`, async () => isDeepStrictEqual(await stateOf(hosts, netns), before))
    }
    assert.ok(refused > 5 && refused < manySteps)
    await hosts.thread.deleteNetns(netns)
    await teardown({ bridge: hosts.bridge, thread: hosts.thread, firewall })
  })

  test('remove() that the kernel refuses leaves the network as it was', async () => {
    await using hosts = await openTwoHosts()
    await using firewall = new FirewallAccept()
    const driver = new BridgeDriver({ thread: hosts.thread, firewall })
    await driver.create(network6(hosts))
    const before = await stateOf(hosts)
    await assert.rejects(
      new BridgeDriver({ thread: failingAt(hosts.thread, 0, 1), firewall }).remove(network6(hosts)),
      {
        code: 'ENOBUFS',
      },
    )
    assert.deepEqual(await stateOf(hosts), before)
    await driver.remove(network6(hosts))
    assert.equal((await stateOf(hosts)).rules, 0)
  })

  test('connect() makes a bridge that could not be made before', async () => {
    await using hosts = await openTwoHosts()
    await using firewall = new FirewallAccept()
    const netns = `${hosts.directory}/container`
    await hosts.thread.createNetns(netns)
    const driver = new BridgeDriver({ thread: failingAt(hosts.thread, 0, 1), firewall })
    await assert.rejects(driver.create(hosts.network), { code: 'ENOBUFS' })
    const addresses = [(hosts.network.subnets[0]?.gateway ?? '').replace(/\.1$/, '.2/24')]
    await driver.connect({ network: hosts.network, addresses }, { containerId: 'web', netns })
    assert.ok((await stateOf(hosts)).links.includes(hosts.bridge))
    await hosts.thread.deleteNetns(netns)
    await teardown({ bridge: hosts.bridge, thread: hosts.thread, firewall })
  })

  test("an administrator's own bridge keeps its addresses, and stays when the network goes", async () => {
    await using hosts = await openTwoHosts()
    await using firewall = new FirewallAccept()
    const { thread, bridge, network } = hosts
    await thread.run([
      { do: 'create-bridge', name: bridge },
      { do: 'add-address', name: bridge, address: '203.0.113.7/24' },
    ])
    const driver = new BridgeDriver({ thread, firewall })
    await driver.create(network)
    await driver.create(network)
    await driver.remove(network)
    const index = (await thread.listLinks()).find(({ name }) => name === bridge)?.index
    assert.ok(index !== undefined)
    const addresses = (await thread.listAddresses()).filter(({ linkIndex }) => linkIndex === index)
    assert.ok(addresses.some(({ address }) => address === '203.0.113.7/24'))
  })
})
