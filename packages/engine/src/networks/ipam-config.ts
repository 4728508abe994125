import { isIPv4, isIPv6 } from 'node:net'
import type { IpamPool } from '@slipway/client'
import { invalid, SlipwayError } from '@slipway/core'
import { type Cidr, contains, formatCidr, overlaps, parseAddress, parseCidr } from '@slipway/network'
import { listProblems } from './problems.ts'
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

const problemsOfPart = (text: string, subnet: Cidr): readonly (string | undefined)[] => {
  const problem = problemOfRange('ip-range', text)
  const range = parsed(text)
  if (range === undefined) return [problem]
  if (range.family !== subnet.family) return [`invalid ip-range ${text}: parent subnet is an IPv${subnet.family} block`]
  const parent = formatCidr(subnet)
  return [
    range.prefix < subnet.prefix
      ? `invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${parent}`
      : undefined,
    problem,
    overlaps(range, subnet) ? undefined : `invalid ip-range ${text}: parent subnet ${parent} doesn't contain ip-range`,
  ]
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
    ...(IPRange ? problemsOfPart(IPRange, subnet) : []),
    Gateway ? problemOfAddress(`gateway ${Gateway.slice(0, 64)}`, Gateway, subnet) : undefined,
    ...auxiliary.map(([name, text]) => problemOfAddress(`auxiliary address ${name.slice(0, 64)}`, text, subnet)),
  ].filter((text) => text !== undefined)
}

/** Says what a pool without a subnet can't have: the others would have nothing to lie in. */
const withoutSubnet = ({ IPRange, Gateway, AuxiliaryAddresses }: IpamPool): boolean =>
  Boolean(IPRange) || Boolean(Gateway) || Object.keys(AuxiliaryAddresses ?? {}).length > 0

/** docker has none: but a route to half of the world isn't for a bridge to have. */
const shortestPrefix = 8

const wantedSubnet = ({ Subnet = '', IPRange, Gateway, AuxiliaryAddresses }: IpamPool): WantedSubnet => {
  const { prefix } = parseCidr(Subnet)
  if (prefix < shortestPrefix) {
    throw invalid(
      `invalid network config:\ninvalid subnet ${Subnet}: a network needs a prefix length of ${shortestPrefix}`,
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

/** Throws forbidden: a network has one of each family. */
const refuseSeveral = (pools: readonly IpamPool[]): void => {
  const [first, second] = pools.map(({ Subnet = '' }) => parsed(Subnet))
  if (first === undefined || second === undefined) return
  const problem = overlaps(first, second)
    ? 'invalid pool request: Pool overlaps with other one on this address space'
    : "bridge driver doesn't support multiple subnets"
  throw new SlipwayError('forbidden', problem)
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
  if (problems.length > 0) throw invalid(listProblems('invalid network config:', problems))
  const of = (isOn: boolean, mine: readonly IpamPool[]): WantedSubnet | undefined => {
    refuseSeveral(mine)
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
