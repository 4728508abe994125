import { isIPv4, isIPv6 } from 'node:net'
import type { IpamPool } from '@slipway/client'
import { invalid } from '@slipway/core'
import { type Cidr, contains, formatCidr, overlaps, parseAddress, parseCidr } from '@slipway/network'
import type { NetworkSubnet } from './records.ts'

/** A subnet as asked for: without a range any that is free, without a gateway its first address will be that. */
export type WantedSubnet = Partial<NetworkSubnet>

/** Undefined: the network has none of this family. */
export interface WantedSubnets {
  readonly ipv4?: WantedSubnet | undefined
  readonly ipv6?: WantedSubnet | undefined
}

const maximumAuxiliary = 1024

const parsed = (text: string): Cidr | undefined => {
  try {
    return parseCidr(text)
  } catch {
    return undefined
  }
}

/** Docker wants ranges written by their first address; what is wrong with `text`, in its words. */
const problemOfRange = (what: string, text: string): string | undefined => {
  const cidr = parsed(text)
  if (cidr === undefined) return `invalid ${what} ${text.slice(0, 64)}: invalid CIDR block notation`
  const address = text.split('/')[0] ?? ''
  const isMasked = parseAddress(address).value === cidr.first
  return isMasked ? undefined : `invalid ${what} ${text}: it should be ${formatCidr(cidr)}`
}

const problemOfPart = (text: string, subnet: Cidr): string | undefined => {
  const problem = problemOfRange('ip-range', text)
  const range = parsed(text)
  if (problem !== undefined || range === undefined) return problem
  if (range.family !== subnet.family) return `invalid ip-range ${text}: parent subnet is an IPv${subnet.family} block`
  if (range.prefix < subnet.prefix) {
    return `invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${formatCidr(subnet)}`
  }
  if (overlaps(range, subnet)) return undefined
  return `invalid ip-range ${text}: parent subnet ${formatCidr(subnet)} doesn't contain ip-range`
}

const problemOfAddress = (what: string, text: string, subnet: Cidr): string | undefined => {
  if (!isIPv4(text) && !isIPv6(text)) return `invalid ${what}: invalid address`
  const address = parseAddress(text)
  if (address.family !== subnet.family) return `invalid ${what}: parent subnet is an IPv${subnet.family} block`
  if (contains(subnet, address)) return undefined
  return `invalid ${what}: parent subnet ${formatCidr(subnet)} doesn't contain this address`
}

const problemsOf = ({ Subnet = '', IPRange, Gateway, AuxiliaryAddresses }: IpamPool): readonly string[] => {
  const problem = problemOfRange('subnet', Subnet)
  const subnet = parsed(Subnet)
  if (subnet === undefined || problem !== undefined) return [problem ?? '']
  const auxiliary = Object.entries(AuxiliaryAddresses ?? {})
  return [
    IPRange ? problemOfPart(IPRange, subnet) : undefined,
    Gateway ? problemOfAddress(`gateway ${Gateway.slice(0, 64)}`, Gateway, subnet) : undefined,
    ...auxiliary.map(([name, text]) => problemOfAddress(`auxiliary address ${name.slice(0, 64)}`, text, subnet)),
  ].filter((text) => text !== undefined)
}

/** Says what a pool without a subnet can't have: the others would have nothing to lie in. */
const withoutSubnet = ({ IPRange, Gateway, AuxiliaryAddresses }: IpamPool): boolean =>
  Boolean(IPRange) || Boolean(Gateway) || Object.keys(AuxiliaryAddresses ?? {}).length > 0

/** Shortest and longest prefix that leaves room for a gateway and someone else. */
const prefixes = { 4: { shortest: 8, longest: 30 }, 6: { shortest: 8, longest: 126 } } as const

const wantedSubnet = ({ Subnet = '', IPRange, Gateway, AuxiliaryAddresses }: IpamPool): WantedSubnet => {
  const { family, prefix } = parseCidr(Subnet)
  const { shortest, longest } = prefixes[family]
  if (prefix > longest || prefix < shortest) {
    throw invalid(
      `invalid network config:\ninvalid subnet ${Subnet}: a network needs a prefix length of ${shortest} to ${longest}`,
    )
  }
  if (Object.keys(AuxiliaryAddresses ?? {}).length > maximumAuxiliary) throw invalid('too many auxiliary addresses')
  return {
    cidr: formatCidr(parseCidr(Subnet)),
    ...(Gateway ? { gateway: Gateway } : {}),
    ...(IPRange ? { range: IPRange } : {}),
    ...(AuxiliaryAddresses && Object.keys(AuxiliaryAddresses).length > 0 ? { auxiliary: AuxiliaryAddresses } : {}),
    asked: true,
  }
}

/**
 * The subnets that `IPAM.Config` of a new network asks for. What it says of IPv6 counts only where that is switched on, as
 * with docker. Throws invalid in docker's words, with everything that is wrong.
 */
export const wantedSubnets = (
  pools: readonly IpamPool[],
  enabled: { readonly ipv4: boolean; readonly ipv6: boolean },
): WantedSubnets => {
  const isIpv6 = ({ Subnet = '' }: IpamPool): boolean => Subnet.includes(':')
  const given = pools
    .filter((pool) => pool.Subnet || withoutSubnet(pool))
    .filter((pool) => (isIpv6(pool) ? enabled.ipv6 : enabled.ipv4))
  const problems = given.flatMap(problemsOf)
  if (problems.length > 0) throw invalid(['invalid network config:', ...problems].join('\n'))
  const of = (isOn: boolean, mine: readonly IpamPool[]): WantedSubnet | undefined => {
    if (mine.length > 1) throw invalid("bridge driver doesn't support multiple subnets")
    if (!isOn) return undefined
    return mine[0] === undefined ? {} : wantedSubnet(mine[0])
  }
  return {
    ipv4: of(
      enabled.ipv4,
      given.filter((pool) => !isIpv6(pool)),
    ),
    ipv6: of(enabled.ipv6, given.filter(isIpv6)),
  }
}
