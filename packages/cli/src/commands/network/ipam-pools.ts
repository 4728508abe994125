import { BlockList, isIP, isIPv6 } from 'node:net'
import type { IpamPool } from '@slipway/client'

export interface WantedPools {
  /** `10.1.0.0/16` */
  readonly subnets: readonly string[]
  readonly ranges: readonly string[]
  readonly gateways: readonly string[]
  /** Names to addresses. */
  readonly auxiliary: Readonly<Record<string, string>>
}

/** Throws an Error for a subnet that is none; an address that is none is in no subnet. */
const blockOf = (subnet: string): BlockList => {
  const [address = '', prefix = ''] = subnet.split('/')
  const block = new BlockList()
  try {
    block.addSubnet(address, Number(prefix || 'none'), isIPv6(address) ? 'ipv6' : 'ipv4')
  } catch (cause) {
    throw new Error(`invalid CIDR address: ${subnet}`, { cause })
  }
  return block
}

/**
 * Puts each range, gateway and auxiliary address to the subnet that it lies in, as docker's client does. Throws an Error
 * when one lies in none, or a subnet would have two.
 */
export const ipamPools = ({ subnets, ranges, gateways, auxiliary }: WantedPools): readonly IpamPool[] => {
  if (subnets.length === 0 && (ranges.length > 0 || gateways.length > 0)) {
    throw new Error('every ip-range or gateway must have a corresponding subnet')
  }
  const blocks = subnets.map(blockOf)
  const indexOf = (text: string, what: string): number => {
    const [address = ''] = text.split('/')
    const index = isIP(address)
      ? blocks.findIndex((block) => block.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
      : -1
    if (index === -1) throw new Error(`no matching subnet for ${what} ${text}`)
    return index
  }
  const place = (texts: readonly string[], what: string): ReadonlyMap<number, string> => {
    const placed = new Map<number, string>()
    for (const text of texts) {
      const index = indexOf(text, what)
      const before = placed.get(index)
      if (before !== undefined)
        throw new Error(`cannot configure multiple ${what}s (${text}, ${before}) on the same subnet`)
      placed.set(index, text)
    }
    return placed
  }
  const [rangeOf, gatewayOf] = [place(ranges, 'range'), place(gateways, 'gateway')]
  const others = Map.groupBy(Object.entries(auxiliary), ([, address]) => indexOf(address, 'aux-address'))
  return subnets.map((subnet, index) => {
    const [range, gateway, entries] = [rangeOf.get(index), gatewayOf.get(index), others.get(index)]
    return {
      Subnet: subnet,
      ...(range === undefined ? {} : { IPRange: range }),
      ...(gateway === undefined ? {} : { Gateway: gateway }),
      ...(entries === undefined ? {} : { AuxiliaryAddresses: Object.fromEntries(entries) }),
    }
  })
}
