import { createHash } from 'node:crypto'
import { hasCode, invalid, messageOf, SlipwayError } from '@slipway/core'
import {
  AddressPool,
  chooseSubnet,
  contains,
  hostSubnets,
  overlaps,
  parseAddress,
  parseCidr,
  type SubnetPool,
} from '@slipway/network'
import type { Attachment } from '../containers/records.ts'
import type { WantedSubnets } from './ipam-config.ts'
import type { NetworkRecord, NetworkSubnet } from './records.ts'

/** Of an endpoint, without prefix lengths, that of IPv4 first. */
export const addressesOf = (attachment: Attachment | undefined): readonly string[] =>
  (attachment?.endpoint.addresses ?? []).map((address) => address.split('/')[0] ?? '')

/** That of IPv4, or the only one. */
export const addressOf = (attachment: Attachment | undefined): string | undefined => addressesOf(attachment)[0]

/**
 * Where IPv6 networks get their subnets when nobody says: the engine's own /48 of the unique local addresses (RFC 4193), in
 * pieces of /64, as docker has it.
 */
const uniqueLocalPool = (engineId: string): SubnetPool => {
  const digest = createHash('sha256').update(engineId).digest('hex')
  return { base: `fd${digest.slice(0, 2)}:${digest.slice(2, 6)}:${digest.slice(6, 10)}::/48`, size: 64 }
}

interface Place {
  readonly pools: readonly SubnetPool[]
  readonly networks: readonly NetworkRecord[]
  readonly engineId: string
}

/** What can't be had of a family: as docker numbers them. */
const poolsFor = (version: 4 | 6, { pools, engineId }: Place): readonly SubnetPool[] | undefined => {
  const configured = pools.filter(({ base }) => parseCidr(base).family === version)
  if (configured.length > 0) return configured
  return version === 4 ? undefined : [uniqueLocalPool(engineId)]
}

/**
 * The subnets of a new network, IPv4 first: those asked for, or of the pools the first that overlap neither the host's routes
 * nor the other networks. Throws forbidden when one asked for belongs to another network.
 */
export const subnetsFor = async (wanted: WantedSubnets, place: Place): Promise<readonly NetworkSubnet[]> => {
  const ours = place.networks.flatMap(({ subnets }) => subnets.map(({ cidr }) => cidr))
  const subnets: NetworkSubnet[] = []
  for (const version of [4, 6] as const) {
    const asked = version === 4 ? wanted.ipv4 : wanted.ipv6
    if (asked === undefined) continue
    const pools = poolsFor(version, place)
    const inUse = [...ours, ...(await hostSubnets())]
    const cidr = asked.cidr ?? chooseSubnet({ ...(pools ? { pools } : {}), inUse })
    if (ours.some((other) => overlaps(parseCidr(other), parseCidr(cidr)))) {
      throw new SlipwayError('forbidden', 'invalid pool request: Pool overlaps with other one on this address space')
    }
    const pool = new AddressPool({ subnet: cidr, ...(asked.gateway ? { gateway: asked.gateway } : {}) })
    const { gateway } = pool
    for (const [name, address] of Object.entries(asked.auxiliary ?? {})) reserveAuxiliary(pool, name, address)
    subnets.push({ ...asked, cidr, gateway })
  }
  return subnets
}

const reserveAuxiliary = (pool: AddressPool, name: string, address: string): void => {
  try {
    pool.reserve(address)
  } catch (error) {
    throw new SlipwayError(
      'forbidden',
      `failed to allocate secondary ip address (${name.slice(0, 64)}:${address}): ${messageOf(error)}`,
    )
  }
}

/** Addresses asked for, by family; empty as undefined. */
export interface WantedAddresses {
  readonly ipv4?: string | undefined
  readonly ipv6?: string | undefined
}

/** The addresses of all networks, as this process knows them: made again from the records. */
export class NetworkAddresses {
  readonly #pools = new Map<string, readonly AddressPool[]>()

  add({ id, subnets }: NetworkRecord, inUse: readonly string[] = []): void {
    const pools = subnets.map(({ cidr, gateway, range, auxiliary = {} }) => {
      const subnet = parseCidr(cidr)
      // Of a subnet that the network had before, by another --bip, nothing is in the way.
      const taken = inUse.filter((address) => contains(subnet, parseAddress(address)))
      return new AddressPool({
        subnet: cidr,
        gateway,
        reserved: [...Object.values(auxiliary), ...taken],
        ...(range ? { range } : {}),
      })
    })
    this.#pools.set(id, pools)
  }

  drop({ id }: NetworkRecord): void {
    this.#pools.delete(id)
  }

  /**
   * One of each family that the network has, with prefix length: `172.18.0.2/16`. Throws forbidden when one asked for is
   * taken, unavailable when all are.
   */
  take({ id, name }: NetworkRecord, { ipv4, ipv6 }: WantedAddresses = {}): readonly string[] {
    const pools = this.#pools.get(id) ?? []
    if (pools.length === 0) throw invalid(`network ${name} has no addresses`)
    const taken: string[] = []
    try {
      for (const pool of pools) {
        const asked = (pool.isIpv6 ? ipv6 : ipv4) || undefined
        if (asked !== undefined) pool.reserve(asked)
        taken.push(`${asked ?? pool.allocate()}/${pool.prefix}`)
      }
    } catch (error) {
      for (const address of taken) this.release(id, address)
      if (!hasCode(error, 'unavailable')) throw error
      throw new SlipwayError('unavailable', `${error.message}: ${name} (${id})`, { cause: error })
    }
    return taken
  }

  /** `address` with prefix length. One that isn't taken, or of a network that is gone, is no error. */
  release(networkId: string, address: string): void {
    const bare = address.split('/')[0] ?? ''
    const pool = this.#pools.get(networkId)?.find((one) => one.has(bare))
    pool?.release(bare)
  }
}
