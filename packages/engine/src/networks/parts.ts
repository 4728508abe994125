import { join } from 'node:path'
import type { Database, Logger } from '@slipway/core'
import { type NetworkThread, networkThread } from '@slipway/linux'
import { FirewallAccept, Keeper, NftPortPublisher, publishingTable, RulesWatch, SandboxPool } from '@slipway/network'
import type { EngineConfig } from '../config/load.ts'
import type { ContainerRecord } from '../containers/records.ts'
import { engineId } from '../system/identity.ts'
import { productVersion } from '../system/version.ts'
import { NetworkAddresses } from './addresses.ts'
import { NetworkDrivers } from './drivers.ts'
import { ContainerNames } from './names.ts'
import { ensurePredefined, refuseTakenSubnet, removeBridge } from './predefined.ts'
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

/**
 * Makes the default bridge, if there is to be one, and finds what an earlier daemon left: namespaces that are in use, and the
 * keeper.
 */
export const openParts = async ({
  config,
  database,
  survivors,
  logger,
}: NetworkOptions): Promise<{ readonly parts: NetworkParts; readonly networks: readonly NetworkRecord[] }> => {
  const thread = await networkThread()
  const known = await ensurePredefined(database, config)
  const isKept = ({ name }: NetworkRecord): boolean => name !== 'bridge' || config.bridge !== undefined
  const [networks, [old]] = [known.filter(isKept), known.filter((network) => !isKept(network))]
  const bridge = networks.find(({ name }) => name === 'bridge')
  const firewall = new FirewallAccept({ logger })
  const drivers = new NetworkDrivers({ thread, firewall, logger })
  const addresses = new NetworkAddresses()
  const makeBridge = async (): Promise<void> => {
    if (bridge !== undefined) await drivers.bridge.create(bridge)
  }
  if (old !== undefined) await removeBridge({ database, drivers }, old, survivors)
  if (bridge !== undefined) await refuseTakenSubnet(thread, bridge)
  await makeBridge()
  await drivers.bridge.sweepTables()
  const inUse = new Set(survivors.map(({ state }) => state.netns))
  const directory = join(config.execRoot, 'netns')
  const sandboxes = await SandboxPool.open({ directory, thread, inUse, logger })
  const keeper = await Keeper.open({ socket: join(config.execRoot, 'keeper.sock'), version: productVersion, logger })
  const table = config.bridge ?? publishingTable(await engineId(database))
  const publisher = await NftPortPublisher.open({
    table,
    binder: keeper,
    onChange: () => firewall.checkSoon(),
    changeMaps: (change) => thread.changeMaps(change),
    forgetDatagrams: (ports) => thread.forgetDatagrams(ports),
    repair: makeBridge,
    logger,
  })
  const watch = new RulesWatch({
    thread,
    onChange: async (chains) => {
      const damaged = await drivers.bridge.repair(chains)
      const isDamaged = bridge === undefined ? !publisher.isIn(chains) : damaged.includes(table)
      if (isDamaged) await publisher.rewrite()
      firewall.checkSoon()
      await drivers.bridge.sweepTables(chains)
    },
    logger,
  })
  const names = new ContainerNames(keeper)
  const made = { config, database, thread, firewall, drivers, sandboxes, keeper, publisher, watch, addresses, names }
  return { parts: { ...made, logger }, networks }
}
