import { isIPv4, isIPv6 } from 'node:net'
import type { IpamPool } from '@slipway/client'
import { invalid, SlipwayError } from '@slipway/core'
import { type Cidr, contains, formatCidr, overlaps, parseAddress, parseCidr } from '@slipway/network'
import type { NetworkSubnet } from './records.ts'

/** A subnet as asked for; without a gateway, its first address will be that. */
export type WantedSubnet = Omit<NetworkSubnet, 'gateway'> & { readonly gateway?: string }

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

/**
 * The subnet that `IPAM.Config` of a new network asks for; undefined: any that is free. Throws invalid in docker's words,
 * with everything that is wrong.
 */
export const wantedSubnet = (pools: readonly IpamPool[]): WantedSubnet | undefined => {
  const given = pools.filter((pool) => pool.Subnet || withoutSubnet(pool))
  const problems = given.flatMap(problemsOf)
  if (problems.length > 0) throw invalid(['invalid network config:', ...problems].join('\n'))
  const [first, second] = given
  if (first === undefined) return undefined
  if (given.some(({ Subnet = '' }) => Subnet.includes(':'))) {
    throw new SlipwayError('unsupported', 'IPv6 in networks is not supported by this engine yet')
  }
  if (second !== undefined) throw invalid("bridge driver doesn't support multiple subnets")
  const { Subnet = '', IPRange, Gateway, AuxiliaryAddresses } = first
  if (parseCidr(Subnet).prefix > 30 || parseCidr(Subnet).prefix < 8) {
    throw invalid(`invalid network config:\ninvalid subnet ${Subnet}: a network needs a prefix length of 8 to 30`)
  }
  if (Object.keys(AuxiliaryAddresses ?? {}).length > maximumAuxiliary) throw invalid('too many auxiliary addresses')
  return {
    cidr: Subnet,
    ...(Gateway ? { gateway: Gateway } : {}),
    ...(IPRange ? { range: IPRange } : {}),
    ...(AuxiliaryAddresses && Object.keys(AuxiliaryAddresses).length > 0 ? { auxiliary: AuxiliaryAddresses } : {}),
    asked: true,
  }
}
