import { isIPv4, isIPv6 } from 'node:net'
import { invalid } from '@slipway/core'

/** An address as a number, so that both families are counted, compared and masked in the same way. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly value: bigint
}

/** A range of addresses. `first` is the network's own address: its host bits are 0. */
export interface Cidr {
  readonly family: 4 | 6
  readonly first: bigint
  /** 0 to 32, or to 128. */
  readonly prefix: number
}

const bitsOf = { 4: 32, 6: 128 } as const

const parseIpv4 = (text: string): bigint => text.split('.').reduce((value, octet) => value * 256n + BigInt(octet), 0n)

/** RFC 4291 section 2.2: `::` stands for as many zero groups as are missing; the last 32 bits may be written as IPv4. */
const parseIpv6 = (text: string): bigint => {
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  const embedded = isIPv4(dotted) ? parseIpv4(dotted) : undefined
  const hex =
    embedded === undefined
      ? text
      : `${text.slice(0, -dotted.length)}${(embedded >> 16n).toString(16)}:${(embedded & 0xffffn).toString(16)}`
  const [head = '', tail] = hex.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n)
}

/** Throws invalid. */
export const parseAddress = (text: string): IpAddress => {
  if (isIPv4(text)) return { family: 4, value: parseIpv4(text) }
  if (isIPv6(text) && !text.includes('%')) return { family: 6, value: parseIpv6(text) }
  throw invalid(`invalid IP address: ${JSON.stringify(text.slice(0, 64))}`)
}

/** RFC 5952: lower case, and the longest run of two or more zero groups (the first of equals) becomes `::`. */
const formatIpv6 = (value: bigint): string => {
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn)
  const text = groups.map((group) => group.toString(16)).join(':')
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].toSorted((a, b) => b[0].length - a[0].length)
  const run = runs[0]
  if (run === undefined) return text
  const before = text.slice(0, run.index).replace(/:$/, '')
  const after = text.slice(run.index + run[0].length).replace(/^:/, '')
  return `${before}::${after}`
}

export const formatAddress = ({ family, value }: IpAddress): string =>
  family === 6 ? formatIpv6(value) : [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')

/** How many addresses a range has. */
export const sizeOf = (cidr: Cidr): bigint => 1n << BigInt(bitsOf[cidr.family] - cidr.prefix)

/** The range that an address belongs to. */
const cidrAround = (address: IpAddress, prefix: number): Cidr => {
  const host = BigInt(bitsOf[address.family] - prefix)
  return { family: address.family, first: (address.value >> host) << host, prefix }
}

const split = (text: string): { readonly address: IpAddress; readonly prefix: number } => {
  const match = /^([^/]+)\/([0-9]{1,3})$/.exec(text)
  const address = match?.[1] === undefined ? undefined : parseAddress(match[1])
  const prefix = Number(match?.[2])
  if (address === undefined || prefix > bitsOf[address.family]) {
    throw invalid(`invalid CIDR address: ${JSON.stringify(text.slice(0, 64))}`)
  }
  return { address, prefix }
}

/** Reads `172.17.0.0/16`; host bits are dropped, as Go's ParseCIDR does. Throws invalid. */
export const parseCidr = (text: string): Cidr => {
  const { address, prefix } = split(text)
  return cidrAround(address, prefix)
}

/** Reads `172.17.0.2/16`, keeping the address. Throws invalid. */
export const parseInterfaceAddress = (
  text: string,
): { readonly address: string; readonly prefix: number; readonly network: Cidr } => {
  const { address, prefix } = split(text)
  return { address: formatAddress(address), prefix, network: cidrAround(address, prefix) }
}

export const formatCidr = ({ family, first, prefix }: Cidr): string =>
  `${formatAddress({ family, value: first })}/${prefix}`

export const contains = (cidr: Cidr, address: IpAddress): boolean =>
  cidr.family === address.family && address.value >= cidr.first && address.value < cidr.first + sizeOf(cidr)

export const overlaps = (a: Cidr, b: Cidr): boolean =>
  a.family === b.family && a.first < b.first + sizeOf(b) && b.first < a.first + sizeOf(a)
