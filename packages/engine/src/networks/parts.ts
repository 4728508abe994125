import { join } from 'node:path'
import type { Database, Logger } from '@slipway/core'
import { type NetworkThread, networkThread } from '@slipway/linux'
import { FirewallAccept, Keeper, NftPortPublisher, RulesWatch, SandboxPool } from '@slipway/network'
import type { EngineConfig } from '../config/load.ts'
import type { ContainerRecord } from '../containers/records.ts'
import { productVersion } from '../system/version.ts'
import { NetworkAddresses } from './addresses.ts'
import { NetworkDrivers } from './drivers.ts'
import { ContainerNames } from './names.ts'
import { ensurePredefined, refuseTakenSubnet } from './predefined.ts'
import type { NetworkRecord } from './records.ts'

/** A container that runs since before this process began. */
export type Survivor = ContainerRecord

export interface NetworkOptions {
  readonly config: EngineConfig
  readonly database: Database
  readonly survivors: readonly Survivor[]
  readonly logger: Logger
}

/** What the engine's networks stand on. */
export interface NetworkParts {
  readonly config: EngineConfig
  readonly database: Database
  readonly thread: NetworkThread
  readonly firewall: FirewallAccept
  readonly drivers: NetworkDrivers
  readonly sandboxes: SandboxPool
  readonly keeper: Keeper
  readonly publisher: NftPortPublisher
  readonly watch: RulesWatch
  readonly addresses: NetworkAddresses
  readonly names: ContainerNames
  readonly logger: Logger
}

/** Makes the engine's own bridge, and finds what an earlier daemon left: namespaces that are in use, and the keeper. */
export const openParts = async ({
  config,
  database,
  survivors,
  logger,
}: NetworkOptions): Promise<{ readonly parts: NetworkParts; readonly networks: readonly NetworkRecord[] }> => {
  const thread = await networkThread()
  const networks = await ensurePredefined(database, config)
  const bridge = networks.find(({ name }) => name === 'bridge') as NetworkRecord
  await refuseTakenSubnet(thread, bridge)
  const firewall = new FirewallAccept({ logger })
  const drivers = new NetworkDrivers({ thread, firewall, logger })
  const addresses = new NetworkAddresses()
  await drivers.bridge.create(bridge)
  await drivers.bridge.sweepTables()
  const inUse = new Set(survivors.map(({ state }) => state.netns))
  const directory = join(config.execRoot, 'netns')
  const sandboxes = await SandboxPool.open({ directory, thread, inUse, logger })
  const keeper = await Keeper.open({ socket: join(config.execRoot, 'keeper.sock'), version: productVersion, logger })
  const publisher = await NftPortPublisher.open({
    bridge: config.bridge,
    binder: keeper,
    onChange: () => firewall.checkSoon(),
    changeMaps: (change) => thread.changeMaps(change),
    forgetDatagrams: (ports) => thread.forgetDatagrams(ports),
    repair: () => drivers.bridge.create(bridge),
    logger,
  })
  const watch = new RulesWatch({
    thread,
    onChange: async (chains) => {
      const damaged = await drivers.bridge.repair(chains)
      if (damaged.includes(config.bridge)) await publisher.rewrite()
      firewall.checkSoon()
      await drivers.bridge.sweepTables(chains)
    },
    logger,
  })
  const names = new ContainerNames(keeper)
  const made = { config, database, thread, firewall, drivers, sandboxes, keeper, publisher, watch, addresses, names }
  return { parts: { ...made, logger }, networks }
}
