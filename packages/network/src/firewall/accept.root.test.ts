import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BridgeDriver } from '../bridge/driver.ts'
import { runNft } from '../nft/run-nft.ts'
import { runProgram } from '../nft/run-program.ts'
import { NftPortPublisher } from '../ports/publish.ts'
import { SandboxPool } from '../sandbox/pool.ts'
import { teardown } from '../teardown.ts'
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
  type TwoHosts,
} from '../testing/two-hosts.ts'
import { FirewallAccept } from './accept.ts'

const run = async (command: string): Promise<string> => {
  const [file = '', ...args] = command.split(' ')
  const { exitCode, stdout, stderr } = await runProgram(file, args)
  assert.equal(exitCode, 0, `${command}: ${stderr}`)
  return stdout
}

const gateway6 = 'fd00:1:2:5::1'
const address6 = 'fd00:1:2:5::2'

/** A container that publishes port 8080 on both families, and listens. */
const openWeb = async (hosts: TwoHosts) => {
  await using stack = new AsyncDisposableStack()
  const { thread, bridge } = hosts
  const network = {
    ...hosts.network,
    subnets: [...hosts.network.subnets, { cidr: 'fd00:1:2:5::/64', gateway: gateway6 }],
  }
  const firewall = stack.use(new FirewallAccept())
  const driver = new BridgeDriver({ thread, firewall })
  await driver.create(network)
  stack.defer(() => teardown({ bridge, thread, firewall }))
  const inUse = new Set<string>()
  const pool = stack.use(await SandboxPool.open({ directory: `${hosts.directory}/netns`, thread, inUse, size: 1 }))
  const netns = await pool.take('web')
  stack.defer(() => pool.discard(netns))
  const address = (network.subnets[0]?.gateway ?? '').replace(/\.1$/, '.2')
  await driver.connect({ network, addresses: [`${address}/24`, `${address6}/64`] }, { containerId: 'web', netns })
  stack.use(await listenIn(netns, 80))
  const publisher = stack.use(new NftPortPublisher({ table: bridge, range: { first: 32768, last: 60999 } }))
  const wanted = [{ protocol: 'tcp', containerPort: 80, hostIp: '', hostPort: 8080 }] as const
  const mappings = await publisher.reserve('web', wanted, address)
  await publisher.publish({ containerId: 'web', address, address6, mappings })
  const kept = stack.move()
  return { firewall, netns, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const assertReachable = async (hosts: TwoHosts, netns: string): Promise<void> => {
  assert.equal(await ask(hostAddress, 8080, hosts.client), clientAddress, 'from another host')
  assert.equal(await ask(hostAddress6, 8080, hosts.client), clientAddress6, 'from another host, by IPv6')
  assert.notEqual(await ask('127.0.0.1', 8080), undefined, 'from the host')
  await using _ = await listenIn(hosts.client, 81)
  assert.equal(await ask(clientAddress, 81, netns), hostAddress, 'to another host')
  assert.equal(await ask(clientAddress6, 81, netns), hostAddress6, 'to another host, by IPv6')
}

/** The rules of whoever was there first, by name. */
const firewalls: Readonly<Record<string, { readonly setUp: readonly string[]; readonly where: readonly string[] }>> = {
  'iptables-nft with a DROP policy': {
    setUp: ['iptables-nft -P FORWARD DROP'],
    where: ['iptables-nft', '-S', 'FORWARD'],
  },
  'docker on iptables-nft': {
    setUp: [
      'iptables-nft -P FORWARD DROP',
      'iptables-nft -N DOCKER-USER',
      'iptables-nft -A DOCKER-USER -j RETURN',
      'iptables-nft -I FORWARD -j DOCKER-USER',
    ],
    where: ['iptables-nft', '-S', 'DOCKER-USER'],
  },
  'iptables-legacy with a DROP policy': {
    setUp: ['iptables-legacy -P FORWARD DROP'],
    where: ['iptables-legacy', '-S', 'FORWARD'],
  },
  'iptables-legacy that ends in a REJECT': {
    setUp: ['iptables-legacy -A FORWARD -j REJECT --reject-with icmp-port-unreachable'],
    where: ['iptables-legacy', '-S', 'FORWARD'],
  },
  'ip6tables-nft with a DROP policy': {
    setUp: ['ip6tables-nft -P FORWARD DROP'],
    where: ['ip6tables-nft', '-S', 'FORWARD'],
  },
  'docker on ip6tables-nft': {
    setUp: ['ip6tables-nft -P FORWARD DROP', 'ip6tables-nft -N DOCKER-USER', 'ip6tables-nft -I FORWARD -j DOCKER-USER'],
    where: ['ip6tables-nft', '-S', 'DOCKER-USER'],
  },
  'ip6tables-legacy with a DROP policy': {
    setUp: ['ip6tables-legacy -P FORWARD DROP'],
    where: ['ip6tables-legacy', '-S', 'FORWARD'],
  },
  'nftables with a drop policy for IPv6': {
    setUp: [
      'nft add table ip6 guard',
      'nft add chain ip6 guard forward { type filter hook forward priority filter ; policy drop ; }',
    ],
    where: ['nft', 'list', 'chain', 'ip6', 'guard', 'forward'],
  },
  'nftables with a drop policy': {
    setUp: [
      'nft add table inet guard',
      'nft add chain inet guard forward { type filter hook forward priority filter ; policy drop ; }',
    ],
    where: ['nft', 'list', 'chain', 'inet', 'guard', 'forward'],
  },
  'nftables that ends in a reject, as firewalld does': {
    setUp: [
      'nft add table inet guard',
      'nft add chain inet guard forward { type filter hook forward priority 10 ; }',
      'nft add rule inet guard forward counter reject with icmpx type admin-prohibited',
    ],
    where: ['nft', 'list', 'chain', 'inet', 'guard', 'forward'],
  },
}

const clear = async (): Promise<void> => {
  await runNft('flush ruleset\n')
  for (const program of ['iptables-legacy', 'ip6tables-legacy']) {
    await run(`${program} -P FORWARD ACCEPT`)
    await run(`${program} -F FORWARD`)
  }
}

inOwnNetns(import.meta.url, () => {
  // The first test: once a namespace has a filter table of the older kind, it keeps it.
  test('the older tables are not brought to life by looking', async () => {
    await using hosts = await openTwoHosts()
    await using _ = await openWeb(hosts)
    assert.equal(await run('cat /proc/net/ip_tables_names'), '')
    assert.equal(await run('cat /proc/net/ip6_tables_names'), '')
  })

  for (const [name, { setUp, where }] of Object.entries(firewalls)) {
    test(`published ports and outgoing traffic get through ${name}`, async (t) => {
      t.after(clear)
      await using hosts = await openTwoHosts()
      for (const command of setUp) await run(command)
      const [file = '', ...args] = where
      const rules = async (): Promise<number> =>
        (await runProgram(file, args)).stdout.split('\n').filter((line) => line.includes(`slipway ${hosts.bridge}`))
          .length
      {
        await using web = await openWeb(hosts)
        await assertReachable(hosts, web.netns)
        const before = await rules()
        assert.notEqual(before, 0)
        await web.firewall.check()
        assert.equal(await rules(), before, 'a check adds nothing twice')
      }
      assert.equal(await rules(), 0, 'nothing is left when the bridge goes')
    })
  }

  test('without the accepts, the DROP policy really drops', async (t) => {
    t.after(clear)
    await using hosts = await openTwoHosts()
    await using web = await openWeb(hosts)
    for (const program of ['iptables-nft', 'ip6tables-nft']) await run(`${program} -P FORWARD DROP`)
    assert.equal(await askBriefly(hostAddress, 8080, hosts.client), undefined)
    assert.equal(await askBriefly(hostAddress6, 8080, hosts.client), undefined)
    await web.firewall.check()
    await assertReachable(hosts, web.netns)
  })

  test('accepts move to DOCKER-USER when docker is installed later', async (t) => {
    t.after(clear)
    await using hosts = await openTwoHosts()
    await run('iptables-nft -P FORWARD DROP')
    await using web = await openWeb(hosts)
    await run('iptables-nft -N DOCKER-USER')
    await run('iptables-nft -I FORWARD -j DOCKER-USER')
    await web.firewall.check()
    assert.doesNotMatch(await run('iptables-nft -S FORWARD'), /slipway/)
    assert.match(await run('iptables-nft -S DOCKER-USER'), /slipway/)
    await assertReachable(hosts, web.netns)
  })

  test("another engine's accepts are left alone", async (t) => {
    t.after(clear)
    await using hosts = await openTwoHosts()
    await run('iptables-nft -P FORWARD DROP')
    await runProgram('iptables-nft', [
      '-A',
      'FORWARD',
      '-i',
      'other0',
      '-m',
      'comment',
      '--comment',
      'slipway other0',
      '-j',
      'ACCEPT',
    ])
    {
      await using _ = await openWeb(hosts)
    }
    assert.match(await run('iptables-nft -S FORWARD'), /slipway other0/)
  })
})
