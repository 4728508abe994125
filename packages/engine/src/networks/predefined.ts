import { isIPv4 } from 'node:net'
import { conflict, type Database, type Subnet } from '@slipway/core'
import type { NetworkThread } from '@slipway/linux'
import { AddressPool, bridgeNameOption, chooseSubnet, hostSubnets, parseInterfaceAddress } from '@slipway/network'
import type { EngineConfig } from '../config/load.ts'
import { loadNetworks, type NetworkRecord, saveNetwork } from './records.ts'

/** The three networks every engine has. The bridge keeps its subnet from the first start on, unless `--bip` says otherwise. */
export const ensurePredefined = async (database: Database, config: EngineConfig): Promise<readonly NetworkRecord[]> => {
  const known = await loadNetworks(database)
  const before = known.find(({ name }) => name === 'bridge')
  const subnet = config.bip ? subnetOfBip(config.bip) : (before?.subnets[0] ?? (await freeSubnet(config)))
  const options = {
    [bridgeNameOption]: config.bridge,
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4':
      config.publishAddress && isIPv4(config.publishAddress) ? config.publishAddress : '0.0.0.0',
    'com.docker.network.driver.mtu': '1500',
  }
  await saveNetwork(database, { name: 'bridge', driver: 'bridge', subnets: [subnet], options })
  await saveNetwork(database, { name: 'host', driver: 'host', subnets: [], options: {} })
  await saveNetwork(database, { name: 'none', driver: 'null', subnets: [], options: {} })
  return loadNetworks(database)
}

const subnetOfBip = (bip: string): Subnet => {
  const { network } = parseInterfaceAddress(bip)
  const pool = new AddressPool({ subnet: bip, gateway: bip.split('/')[0] ?? '' })
  return { cidr: `${pool.subnet.split('/')[0]}/${network.prefix}`, gateway: pool.gateway }
}

/**
 * With another link in the same subnet (another engine's bridge, say), the kernel would send our containers' packets there. Throws
 * conflict.
 */
export const refuseTakenSubnet = async (thread: NetworkThread, { options, subnets }: NetworkRecord): Promise<void> => {
  const [links, addresses] = await Promise.all([thread.listLinks(), thread.listAddresses()])
  const nameOf = (index: number): string => links.find((link) => link.index === index)?.name ?? ''
  for (const { cidr } of subnets) {
    const pool = new AddressPool({ subnet: cidr })
    for (const { linkIndex, address } of addresses) {
      const [bare = ''] = address.split('/')
      const link = nameOf(linkIndex)
      if (!isIPv4(bare) || link === options[bridgeNameOption] || !pool.has(bare)) continue
      throw conflict(`the bridge's subnet ${cidr} is taken: ${link} has ${address}; choose another with --bip`)
    }
  }
}

const freeSubnet = async (config: EngineConfig): Promise<Subnet> => {
  const inUse = await hostSubnets(new Set([config.bridge]))
  const cidr = chooseSubnet({ ...(config.addressPools.length > 0 ? { pools: config.addressPools } : {}), inUse })
  return { cidr, gateway: new AddressPool({ subnet: cidr }).gateway }
}
