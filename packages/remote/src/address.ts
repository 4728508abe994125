import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { defaultRegistry } from '@slipway/core'

/** docker.io is a name, not an address: its API answers elsewhere, and its search elsewhere again. */
const apiHosts: Readonly<Record<string, string>> = { [defaultRegistry]: 'registry-1.docker.io' }
const searchHosts: Readonly<Record<string, string>> = { [defaultRegistry]: 'index.docker.io' }

export const apiHostOf = (registry: string): string => apiHosts[registry] ?? registry
export const searchHostOf = (registry: string): string => searchHosts[registry] ?? registry

/** `127.0.0.1` of `127.0.0.1:5000`, `::1` of `[::1]:5000`. */
export const hostnameOf = (host: string): string => {
  const bracketed = /^\[([^\]]+)\]/.exec(host)
  return bracketed?.[1] ?? host.replace(/:\d+$/, '')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

export const isLoopback = (host: string): boolean => {
  const name = hostnameOf(host)
  return name === 'localhost' || (isIP(name) !== 0 && loopback.check(name, family(name)))
}

/** True when `entry` of `--insecure-registry`, a host, a host with port, or a CIDR range, covers `host`. */
export const coversHost = (entry: string, host: string): boolean => {
  const [network = '', prefix] = entry.split('/')
  const name = hostnameOf(host)
  if (prefix === undefined) return entry === host || entry === name
  if (isIP(network) === 0 || isIP(name) === 0 || isIP(network) !== isIP(name)) return false
  const range = new BlockList()
  range.addSubnet(network, Number(prefix), family(network))
  return range.check(name, family(name))
}

/** The addresses of a name, as the machine tells them; none for a name that nobody knows. */
export const addressesOf = (name: string): Promise<readonly LookupAddress[]> =>
  lookup(name, { all: true }).catch(() => [])

/** Whether all of these are on loopback or in one of the ranges, so that whoever is called so may be spoken to as they may. */
export const areWithin = (addresses: readonly LookupAddress[], ranges: readonly string[]): boolean => {
  const isWithin = ({ address, family: version }: LookupAddress): boolean => {
    const host = version === 6 ? `[${address}]` : address
    return isLoopback(host) || ranges.some((range) => coversHost(range, host))
  }
  return addresses.length > 0 && addresses.every(isWithin)
}

/** Where to look for `host`, in order: what is on loopback or said to be insecure may speak plain HTTP. */
export const originsOf = (host: string, insecure: boolean): readonly string[] =>
  insecure || isLoopback(host) ? [`https://${host}`, `http://${host}`] : [`https://${host}`]
