import { conflict, invalid, SlipwayError } from '@slipway/core'
import { AddressPool, chooseSubnet, hostSubnets, overlaps, parseCidr, type SubnetPool } from '@slipway/network'
import type { Attachment } from '../containers/records.ts'
import type { WantedSubnet } from './ipam-config.ts'
import type { NetworkRecord, NetworkSubnet } from './records.ts'

/** Without its prefix length. */
export const addressOf = (attachment: Attachment | undefined): string | undefined =>
  attachment?.endpoint.addresses[0]?.split('/')[0]

/**
 * The subnet of a new network: the one asked for, or one of the pools that overlaps neither the host's routes nor the
 * other networks. Throws forbidden when the one asked for belongs to another network.
 */
export const subnetFor = async (
  wanted: WantedSubnet | undefined,
  { pools, networks }: { readonly pools: readonly SubnetPool[]; readonly networks: readonly NetworkRecord[] },
): Promise<NetworkSubnet> => {
  const ours = networks.flatMap(({ subnets }) => subnets.map(({ cidr }) => cidr))
  const cidr =
    wanted?.cidr ?? chooseSubnet({ ...(pools.length > 0 ? { pools } : {}), inUse: [...ours, ...(await hostSubnets())] })
  if (ours.some((other) => overlaps(parseCidr(other), parseCidr(cidr)))) {
    throw new SlipwayError('forbidden', 'invalid pool request: Pool overlaps with other one on this address space')
  }
  const { gateway } = new AddressPool({ subnet: cidr, ...(wanted?.gateway ? { gateway: wanted.gateway } : {}) })
  if (Object.values(wanted?.auxiliary ?? {}).includes(gateway)) throw conflict('Address already in use')
  return { ...wanted, cidr, gateway }
}

/** The addresses of all networks, as this process knows them: made again from the records. */
export class NetworkAddresses {
  readonly #pools = new Map<string, AddressPool>()

  add({ id, subnets }: NetworkRecord, inUse: Iterable<string> = []): void {
    const [subnet] = subnets
    if (subnet === undefined) return
    const { cidr, gateway, range, auxiliary = {} } = subnet
    const reserved = [...Object.values(auxiliary), ...inUse]
    this.#pools.set(id, new AddressPool({ subnet: cidr, gateway, reserved, ...(range ? { range } : {}) }))
  }

  drop({ id }: NetworkRecord): void {
    this.#pools.delete(id)
  }

  /** With prefix length: `172.18.0.2/16`. Throws conflict when the one asked for is taken, unavailable when all are. */
  take({ id, name }: NetworkRecord, asked?: string): string {
    const pool = this.#pools.get(id)
    if (pool === undefined) throw invalid(`network ${name} has no addresses`)
    if (asked === undefined) return `${pool.allocate()}/${pool.prefix}`
    pool.reserve(asked)
    return `${asked}/${pool.prefix}`
  }

  /** `address` with prefix length. One that isn't taken, or of a network that is gone, is no error. */
  release(networkId: string, address: string): void {
    const pool = this.#pools.get(networkId)
    const bare = address.split('/')[0] ?? ''
    if (pool?.has(bare)) pool.release(bare)
  }
}
