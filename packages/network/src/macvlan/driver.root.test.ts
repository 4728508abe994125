import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkConfig } from '@slipway/core'
import { runProgram } from '../nft/run-program.ts'
import { inOwnNetns } from '../testing/own-netns.ts'
import { ask, askBriefly, clientAddress, listenIn, openTwoHosts, type TwoHosts } from '../testing/two-hosts.ts'
import { ParentDriver } from './driver.ts'

const networkOn = (
  hosts: TwoHosts,
  driver: string,
  options: Readonly<Record<string, string>>,
  cidr = '198.51.100.0/24',
): NetworkConfig => ({
  id: hosts.network.id,
  name: 'beside',
  driver,
  subnets: [{ cidr, gateway: cidr.replace('.0/24', '.254') }],
  internal: false,
  options,
})

/** Two containers on a network, listening on port 80. */
const openContainers = async (hosts: TwoHosts, network: NetworkConfig) => {
  await using stack = new AsyncDisposableStack()
  const driver = new ParentDriver(network.driver as 'macvlan' | 'ipvlan', { thread: hosts.thread })
  await driver.create(network)
  stack.defer(() => driver.remove(network))
  const containers = []
  for (const last of [10, 11]) {
    const netns = `${hosts.directory}/c${last}`
    await hosts.thread.createNetns(netns)
    stack.defer(() => hosts.thread.deleteNetns(netns))
    const address = (network.subnets[0]?.cidr ?? '').replace('.0/24', `.${last}`)
    const endpoint = await driver.connect({ network, addresses: [`${address}/24`] }, { containerId: `c${last}`, netns })
    stack.use(await listenIn(netns, 80))
    containers.push({ netns, address, endpoint })
  }
  const [one, two] = containers
  assert.ok(one && two)
  const kept = stack.move()
  return { driver, one, two, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Whether this kernel has such links: not all do, and then it must say so. */
const knows = async (kind: string): Promise<boolean> => {
  const name = `try${kind}`
  const args = kind === 'vlan' ? ['type', 'vlan', 'id', '7'] : ['type', kind]
  const made = await runProgram('ip', ['link', 'add', 'link', 'uplink', name, ...args])
  if (made.exitCode === 0) await runProgram('ip', ['link', 'delete', name])
  return made.exitCode === 0
}

const linkNames = async ({ thread }: TwoHosts): Promise<readonly string[]> =>
  (await thread.listLinks()).map(({ name }) => name)

inOwnNetns(import.meta.url, () => {
  for (const driver of ['macvlan', 'ipvlan']) {
    test(`containers of ${driver} are beside the host: other hosts see them, and each other's`, async () => {
      await using hosts = await openTwoHosts()
      const network = networkOn(hosts, driver, { parent: 'uplink' })
      if (!(await knows(driver))) {
        await assert.rejects(openContainers(hosts, network), { code: 'ENOTSUP' })
        return
      }
      await using world = await openContainers(hosts, network)
      const { one, two } = world
      assert.equal(await ask(one.address, 80, hosts.client), clientAddress, 'with the address that asks')
      assert.equal(await ask(one.address, 80, two.netns), two.address)
      await using _ = await listenIn(hosts.client, 81)
      assert.equal(await ask(clientAddress, 81, one.netns), one.address, 'without NAT')
      await world.driver.disconnect(one.endpoint, { containerId: 'c10', netns: one.netns })
      assert.equal(await askBriefly(one.address, 80, hosts.client), undefined)
    })
  }

  test('containers of a private macvlan do not see each other', async () => {
    await using hosts = await openTwoHosts()
    const network = networkOn(hosts, 'macvlan', { parent: 'uplink', macvlan_mode: 'private' })
    await using world = await openContainers(hosts, network)
    assert.equal(await ask(world.one.address, 80, hosts.client), clientAddress)
    assert.equal(await askBriefly(world.one.address, 80, world.two.netns), undefined)
  })

  test('a VLAN on the parent is made, and goes with the network; one that was there stays', async () => {
    await using hosts = await openTwoHosts()
    const network = networkOn(hosts, 'macvlan', { parent: 'uplink.50' }, '192.0.2.0/24')
    if (!(await knows('vlan'))) {
      await assert.rejects(openContainers(hosts, network), { code: 'ENOTSUP' })
      assert.ok(!(await linkNames(hosts)).includes('uplink.50'))
      return
    }
    await hosts.thread.run(
      [
        { do: 'create-vlan', name: 'uplink.50', parent: 'uplink', id: 50, up: true },
        { do: 'add-address', name: 'uplink.50', address: '192.0.2.9/24' },
      ],
      { netns: hosts.client },
    )
    {
      await using world = await openContainers(hosts, network)
      assert.equal(await ask(world.one.address, 80, hosts.client), '192.0.2.9')
    }
    assert.ok(!(await linkNames(hosts)).includes('uplink.50'))
    await hosts.thread.run([{ do: 'create-vlan', name: 'uplink.50', parent: 'uplink', id: 50, up: true }])
    const driver = new ParentDriver('macvlan', hosts)
    await driver.create(network)
    await driver.remove(network)
    assert.ok((await linkNames(hosts)).includes('uplink.50'))
  })

  test('without a parent it leads nowhere but to its own', async () => {
    await using hosts = await openTwoHosts()
    const network = networkOn(hosts, 'macvlan', {}, '192.0.2.0/24')
    {
      await using world = await openContainers(hosts, network)
      assert.equal(await ask(world.one.address, 80, world.two.netns), world.two.address)
      assert.equal(world.one.endpoint.gateway, undefined)
    }
    assert.ok(!(await linkNames(hosts)).some((name) => name.startsWith('dm-')))
  })

  test('a parent that is not there is refused in docker’s words', async () => {
    await using hosts = await openTwoHosts()
    const driver = new ParentDriver('macvlan', hosts)
    for (const parent of ['nowhere', 'nowhere.50', 'uplink.5000']) {
      await assert.rejects(driver.create(networkOn(hosts, 'macvlan', { parent })), {
        code: 'invalid',
        message: `-o parent interface was not found on the host: ${parent}`,
      })
    }
  })
})
