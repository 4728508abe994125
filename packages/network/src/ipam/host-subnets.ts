import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { formatCidr, parseAddress } from './cidr.ts'

/** `0011AC` little-endian hexadecimal words of /proc/net/route, as numbers. */
const littleEndian = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE()

/** The destinations of /proc/net/route (proc_net(5)), without the default route. */
export const parseRoutes = (text: string): readonly { readonly link: string; readonly cidr: string }[] =>
  text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length >= 8)
    .map(([link = '', destination = '', , , , , , mask = '']) => ({
      link,
      first: littleEndian(destination),
      prefix: littleEndian(mask).toString(2).replaceAll('0', '').length,
    }))
    .filter(({ prefix }) => prefix > 0)
    .map(({ link, first, prefix }) => ({ link, cidr: formatCidr({ family: 4, first: BigInt(first), prefix }) }))

/**
 * The same of /proc/net/ipv6_route: `2001…0000 40 …`, an address and a prefix length in hexadecimal, the link last. Without
 * the default route, multicast, and what every link has of its own (fe80::/64).
 */
export const parseRoutes6 = (text: string): readonly { readonly link: string; readonly cidr: string }[] =>
  text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length >= 10)
    .map((columns) => ({
      link: columns.at(-1) ?? '',
      first: BigInt(`0x${columns[0]}`),
      prefix: Number.parseInt(columns[1] ?? '', 16),
    }))
    .filter(({ first, prefix }) => prefix > 0 && first >> 118n !== 0x3fan && first >> 120n !== 0xffn)
    .map(({ link, first, prefix }) => ({ link, cidr: formatCidr({ family: 6, first, prefix }) }))

const parseNameservers = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*nameserver\s+([0-9.]+)\s*$/gm)].map(([, address = '']) => address)

const isAddress = (text: string): boolean => {
  try {
    parseAddress(text)
    return true
  } catch {
    return false
  }
}

/**
 * What a new subnet must not overlap: the host's routes and addresses, and its resolvers, which would be unreachable
 * behind a bridge that claims their range. Links named in `except` (our own bridges) don't count.
 */
export const hostSubnets = async (except: ReadonlySet<string> = new Set()): Promise<readonly string[]> => {
  const [routes, routes6, resolvers] = await Promise.all([
    readFile('/proc/net/route', 'utf8'),
    // Without IPv6 in the kernel it isn't there.
    readFile('/proc/net/ipv6_route', 'utf8').catch(() => ''),
    readFile('/etc/resolv.conf', 'utf8').catch(() => ''),
  ])
  const addresses = Object.entries(networkInterfaces())
    .filter(([link]) => !except.has(link))
    .flatMap(([, list]) => (list ?? []).map(({ cidr }) => cidr))
    .filter((cidr): cidr is string => cidr !== null)
  return [
    ...[...parseRoutes(routes), ...parseRoutes6(routes6)]
      .filter(({ link }) => !except.has(link))
      .map(({ cidr }) => cidr),
    ...addresses,
    ...parseNameservers(resolvers)
      .filter(isAddress)
      .map((address) => `${address}/32`),
  ]
}
