import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { SlipwayError } from '@slipway/core'

/**
 * Addresses that no webhook may reach unless it is allowed: this machine, its networks, and what is nobody's (IANA's
 * special-purpose registries). Otherwise whoever makes a webhook could talk to services that only this machine can (SSRF).
 */
const forbidden = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  forbidden.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['100::', 64],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  forbidden.addSubnet(network, prefix, 'ipv6')
}

/** An IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`) is judged as what it is. */
export const isPublicAddress = (address: string): boolean => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return isPublicAddress(mapped)
  const family = isIP(address)
  return family !== 0 && !forbidden.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

const refused = (host: string): SlipwayError =>
  new SlipwayError('forbidden', `${host} is not a public address: --webhooks-private allows it`)

/** Throws forbidden for an address that is written out, which no look-up would see. */
export const checkLiteral = (hostname: string): void => {
  const address = hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw refused(address)
}

/** For `http.request`: the connection goes to an address that was looked at, not to one of a second look-up. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const found = addresses?.find(({ address }) => isPublicAddress(address))
    if (error) callback(error, '', 0)
    else if (found === undefined) callback(refused(hostname) as NodeJS.ErrnoException, '', 0)
    else if (options.all) callback(null, [found])
    else callback(null, found.address, found.family)
  })
}
