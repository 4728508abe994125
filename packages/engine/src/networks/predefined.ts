import { isIPv4 } from 'node:net'
import { conflict, type Database, invalid, type Subnet } from '@slipway/core'
import type { NetworkThread } from '@slipway/linux'
import {
  AddressPool,
  bridgeNameOption,
  chooseSubnet,
  contains,
  formatCidr,
  hostSubnets,
  parseCidr,
  parseInterfaceAddress,
} from '@slipway/network'
import type { EngineConfig } from '../config/load.ts'
import type { ContainerRecord } from '../containers/records.ts'
import { engineId } from '../system/identity.ts'
import { subnetsFor } from './addresses.ts'
import type { NetworkDrivers } from './drivers.ts'
import { deleteNetwork, loadNetworks, type NetworkRecord, type NetworkSubnet, saveNetwork } from './records.ts'

/**
 * The three networks every engine has, or the two of one without a default bridge. The bridge keeps its subnet from the first
 * start on, unless `--bip` says otherwise.
 */
export const ensurePredefined = async (database: Database, config: EngineConfig): Promise<readonly NetworkRecord[]> => {
  const known = await loadNetworks(database)
  if (config.bridge !== undefined) await ensureBridge(database, known, { ...config, bridge: config.bridge })
  await saveNetwork(database, { name: 'host', driver: 'host', subnets: [], options: {} })
  await saveNetwork(database, { name: 'none', driver: 'null', subnets: [], options: {} })
  return loadNetworks(database)
}

/**
 * After a start without a default bridge: takes away the one that an earlier start made. Throws conflict while a container is
 * on it, which would lose its network.
 */
export const removeBridge = async (
  { database, drivers }: { readonly database: Database; readonly drivers: NetworkDrivers },
  bridge: NetworkRecord,
  survivors: readonly ContainerRecord[],
): Promise<void> => {
  const isOnIt = ({ state }: ContainerRecord): boolean =>
    state.attachments.some(({ endpoint }) => endpoint.networkId === bridge.id)
  const left = survivors.find(isOnIt)
  if (left !== undefined) throw conflict(`container ${left.name} runs on the bridge: stop it before --bridge none`)
  await drivers.bridge.remove(bridge)
  await deleteNetwork(database, bridge.id)
}

type WithBridge = EngineConfig & { readonly bridge: string }

const ensureBridge = async (database: Database, known: readonly NetworkRecord[], config: WithBridge): Promise<void> => {
  const before = known.find(({ name }) => name === 'bridge')
  const subnet = config.bip ? subnetOfBip(config.bip) : (knownSubnet(before, 4) ?? (await freeSubnet(config)))
  const others = known.filter(({ name }) => name !== 'bridge')
  const subnets = [withRange(subnet, config), ...(config.ipv6 ? await subnets6(database, config, before, others) : [])]
  const options = {
    [bridgeNameOption]: config.bridge,
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4':
      config.publishAddress && isIPv4(config.publishAddress) ? config.publishAddress : '0.0.0.0',
    'com.docker.network.driver.mtu': String(config.mtu),
  }
  await saveNetwork(database, { name: 'bridge', driver: 'bridge', subnets, options })
}

/** The one of this family that it had; what `--fixed-cidr` said of it is said anew. */
const knownSubnet = (bridge: NetworkRecord | undefined, version: 4 | 6): Subnet | undefined => {
  const subnet = bridge?.subnets.find(({ cidr }) => cidr.includes(':') === (version === 6))
  return subnet && { cidr: subnet.cidr, gateway: subnet.gateway }
}

const withRange = (subnet: Subnet, { fixedCidr }: EngineConfig): NetworkSubnet => {
  if (fixedCidr === undefined) return subnet
  const [range, all] = [parseCidr(fixedCidr), parseCidr(subnet.cidr)]
  if (!contains(all, { family: 4, value: range.first }) || range.prefix < all.prefix) {
    throw invalid(`invalid --fixed-cidr ${fixedCidr}: the bridge's subnet is ${subnet.cidr}`)
  }
  return { ...subnet, range: formatCidr(range) }
}

/** What was asked for; else what it had; else one of the engine's own. */
const subnets6 = async (
  database: Database,
  { fixedCidrV6, addressPools: pools }: EngineConfig,
  before: NetworkRecord | undefined,
  networks: readonly NetworkRecord[],
): Promise<readonly NetworkSubnet[]> => {
  const kept = fixedCidrV6 === undefined ? knownSubnet(before, 6) : undefined
  if (kept !== undefined) return [kept]
  const wanted = fixedCidrV6 === undefined ? {} : { cidr: formatCidr(parseCidr(fixedCidrV6)) }
  return subnetsFor({ ipv6: wanted }, { pools, networks, engineId: await engineId(database) })
}

const subnetOfBip = (bip: string): Subnet => {
  const { network } = parseInterfaceAddress(bip)
  const pool = new AddressPool({ subnet: bip, gateway: bip.split('/')[0] ?? '' })
  return { cidr: `${pool.subnet.split('/')[0]}/${network.prefix}`, gateway: pool.gateway }
}

/**
 * With another link in the same subnet (another engine's bridge, say), the kernel would send our containers' packets there.
 * Throws conflict.
 */
export const refuseTakenSubnet = async (thread: NetworkThread, { options, subnets }: NetworkRecord): Promise<void> => {
  const [links, addresses] = await Promise.all([thread.listLinks(), thread.listAddresses()])
  const nameOf = (index: number): string => links.find((link) => link.index === index)?.name ?? ''
  for (const { cidr } of subnets) {
    const pool = new AddressPool({ subnet: cidr })
    for (const { linkIndex, address } of addresses) {
      const [bare = ''] = address.split('/')
      const link = nameOf(linkIndex)
      if (bare.includes(':') !== cidr.includes(':') || link === options[bridgeNameOption] || !pool.has(bare)) continue
      throw conflict(`the bridge's subnet ${cidr} is taken: ${link} has ${address}; choose another with --bip`)
    }
  }
}

const freeSubnet = async (config: WithBridge): Promise<Subnet> => {
  const inUse = await hostSubnets(new Set([config.bridge]))
  const cidr = chooseSubnet({ ...(config.addressPools.length > 0 ? { pools: config.addressPools } : {}), inUse })
  return { cidr, gateway: new AddressPool({ subnet: cidr }).gateway }
}
