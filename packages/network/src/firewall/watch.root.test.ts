import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { BridgeDriver } from '../bridge/driver.ts'
import { askNft, runNft } from '../nft/run-nft.ts'
import { NftPortPublisher } from '../ports/publish.ts'
import { eventually } from '../testing/eventually.ts'
import { inOwnNetns } from '../testing/own-netns.ts'
import { openTwoHosts } from '../testing/two-hosts.ts'
import { FirewallAccept } from './accept.ts'
import { RulesWatch } from './watch.ts'

inOwnNetns(import.meta.url, () => {
  test('what someone else flushes is made again: rules, and where published ports lead', async () => {
    await using hosts = await openTwoHosts()
    const { thread, bridge } = hosts
    const subnets = [...hosts.network.subnets, { cidr: 'fd00:1:2:4::/64', gateway: 'fd00:1:2:4::1' }]
    await using firewall = new FirewallAccept()
    const driver = new BridgeDriver({ thread, firewall })
    await driver.create({ ...hosts.network, subnets })
    await using publisher = await NftPortPublisher.open({ table: bridge })
    const mappings = [{ protocol: 'tcp', containerPort: 80, hostIp: '0.0.0.0', hostPort: 8080 }] as const
    await publisher.publish({ containerId: 'web', address: '10.201.0.2', mappings })
    const repaired: string[] = []
    await using _ = new RulesWatch({
      thread,
      everyMilliseconds: 20,
      onChange: async (chains) => {
        const damaged = await driver.repair(chains)
        repaired.push(...damaged)
        if (damaged.includes(bridge)) await publisher.rewrite()
      },
    })
    const isWhole = async (): Promise<boolean> => {
      const text = JSON.stringify(await askNft('list', 'ruleset'))
      return ['10.201.0.2', 'masquerade', '"ip6"'].every((part) => text.includes(part))
    }
    assert.ok(await isWhole())
    for (const script of [
      'flush ruleset',
      `flush table ip ${bridge}`,
      `flush chain ip6 ${bridge} forward`,
      `delete table ip ${bridge}`,
    ]) {
      const before = repaired.length
      await runNft(`${script}\n`)
      await eventually(`after ${script}`, async () => repaired.length > before && (await isWhole()))
    }
    await runNft(`add rule ip ${bridge} user counter\n`)
    const before = repaired.length
    await runNft('add table ip theirs\n')
    await sleep(200)
    assert.equal(repaired.length, before, 'what others do elsewhere is theirs')
  })
})
