import type { EndpointSettings } from '@slipway/client'
import { splitCsv } from './mount.ts'
import { readPairs } from './pairs.ts'

/** One `--network`. */
export interface NetworkChoice {
  readonly name: string
  readonly endpoint: EndpointSettings
}

type Fields = ReadonlyMap<string, readonly string[]>

const known = new Set(['name', 'alias', 'driver-opt', 'ip', 'ip6', 'link-local-ip', 'mac-address', 'gw-priority'])

const readFields = (text: string): Fields => {
  const fields = new Map<string, string[]>()
  for (const field of splitCsv(text)) {
    const equals = field.indexOf('=')
    const key = field.slice(0, Math.max(0, equals)).trim().toLowerCase()
    if (equals <= 0) throw new Error(`invalid key value pair format in network option: ${field}`)
    if (!known.has(key)) throw new Error(`invalid field key ${key}`)
    fields.set(key, [...(fields.get(key) ?? []), field.slice(equals + 1).trim()])
  }
  return fields
}

/** Only what was asked for: docker leaves the rest out as well. */
export const endpointOf = (wanted: {
  readonly aliases?: readonly string[] | undefined
  readonly ip?: string | undefined
  readonly ip6?: string | undefined
  readonly linkLocal?: readonly string[] | undefined
  readonly macAddress?: string | undefined
  readonly links?: readonly string[] | undefined
  readonly driverOptions?: readonly string[] | undefined
  readonly priority?: string | undefined
}): EndpointSettings => {
  const { aliases = [], ip, ip6, linkLocal = [], macAddress, links = [], driverOptions = [], priority } = wanted
  const ipam = {
    ...(ip === undefined ? {} : { IPv4Address: ip }),
    ...(ip6 === undefined ? {} : { IPv6Address: ip6 }),
    ...(linkLocal.length === 0 ? {} : { LinkLocalIPs: linkLocal }),
  }
  return {
    ...(Object.keys(ipam).length === 0 ? {} : { IPAMConfig: ipam }),
    ...(aliases.length === 0 ? {} : { Aliases: aliases }),
    ...(links.length === 0 ? {} : { Links: links }),
    ...(macAddress === undefined ? {} : { MacAddress: macAddress }),
    ...(driverOptions.length === 0 ? {} : { DriverOpts: readPairs(driverOptions) }),
    ...(priority === undefined ? {} : { GwPriority: Number(priority) }),
  }
}

/** Reads `bridge`, or `name=web,alias=db,ip=10.0.0.9`. Throws an Error. */
export const parseNetwork = (text: string): NetworkChoice => {
  if (!text.includes('=')) return { name: text, endpoint: {} }
  const fields = readFields(text)
  const one = (key: string): string | undefined => fields.get(key)?.at(-1)
  const name = one('name')
  if (name === undefined || name === '') throw new Error('network name is not specified')
  const endpoint = endpointOf({
    aliases: fields.get('alias'),
    ip: one('ip'),
    ip6: one('ip6'),
    linkLocal: fields.get('link-local-ip'),
    macAddress: one('mac-address'),
    driverOptions: fields.get('driver-opt'),
    priority: one('gw-priority'),
  })
  return { name, endpoint }
}
