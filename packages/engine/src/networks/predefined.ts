import { networkInterfaces } from 'node:os'
import { conflict, type Database, type Subnet } from '@slipway/core'
import { AddressPool, bridgeNameOption, chooseSubnet, hostSubnets, parseInterfaceAddress } from '@slipway/network'
import type { EngineConfig } from '../config/load.ts'
import { loadNetworks, type NetworkRecord, saveNetwork } from './records.ts'

/** The three networks every engine has. The bridge keeps its subnet from the first start on, unless `--bip` says otherwise. */
export const ensurePredefined = async (database: Database, config: EngineConfig): Promise<readonly NetworkRecord[]> => {
  const known = await loadNetworks(database)
  const before = known.find(({ name }) => name === 'bridge')
  const subnet = config.bip ? subnetOfBip(config.bip) : (before?.subnets[0] ?? (await freeSubnet(config)))
  refuseTaken(subnet, config.bridge)
  const options = {
    [bridgeNameOption]: config.bridge,
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
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

/** With another link in the same subnet, the kernel would send our containers' packets there. Throws conflict. */
const refuseTaken = ({ cidr }: Subnet, bridge: string): void => {
  const pool = new AddressPool({ subnet: cidr })
  for (const [link, addresses = []] of Object.entries(networkInterfaces())) {
    const taken = addresses.find(({ family, address }) => family === 'IPv4' && pool.has(address))
    if (link !== bridge && taken) {
      throw conflict(`the bridge's subnet ${cidr} is taken: ${link} has ${taken.address}; choose another with --bip`)
    }
  }
}

const freeSubnet = async (config: EngineConfig): Promise<Subnet> => {
  const inUse = await hostSubnets(new Set([config.bridge]))
  const cidr = chooseSubnet({ ...(config.addressPools.length > 0 ? { pools: config.addressPools } : {}), inUse })
  return { cidr, gateway: new AddressPool({ subnet: cidr }).gateway }
}
