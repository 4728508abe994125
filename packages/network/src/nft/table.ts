import { isIPv4 } from 'node:net'
import { invalid, type TransportProtocol } from '@slipway/core'

/**
 * The scripts for our nftables table. There is one for each bridge, named after it, so that engines live side by side:
 *
 *     map published       tcp . 8080               : 172.17.0.2 . 80    any address of the host
 *     map published_at    192.0.2.2 . tcp . 8080   : 172.17.0.2 . 80    that address only
 *     chain user          empty: the administrator's own rules; never flushed, runs before all others
 *     chain raw           what must never get through, before any translation
 *     chain prerouting    from other hosts and from containers: to the published port
 *     chain output        from the host itself
 *     chain postrouting   masquerading
 *     chain forward       what may leave and enter: nothing comes in but answers and published ports
 *
 * Ports are looked up in maps, so the time a packet takes doesn't grow with the number of containers.
 */
export interface TableNetwork {
  readonly bridge: string
  /** The bridge's IPv4 ranges, as CIDRs. */
  readonly subnets: readonly string[]
  /** The host's addresses on it. */
  readonly gateways: readonly string[]
  readonly internal: boolean
  readonly masquerade: boolean
}

/** One element of a map. */
export interface PublishedElement {
  readonly protocol: TransportProtocol
  /** `0.0.0.0` for every address of the host. */
  readonly hostIp: string
  readonly hostPort: number
  readonly address: string
  readonly containerPort: number
}

const linkName = /^[a-zA-Z_][a-zA-Z0-9._-]{0,14}$/

/** Names a link, and the nftables table. Throws invalid: a link's name has at most 15 characters (IFNAMSIZ). */
export const checkBridgeName = (name: string): string => {
  if (!linkName.test(name)) throw invalid(`invalid bridge name: ${JSON.stringify(name.slice(0, 64))}`)
  return name
}

const maps = [
  'map published { type inet_proto . inet_service : ipv4_addr . inet_service; }',
  'map published_at { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }',
]

/** Declared again each time, which is no error, so that every script also repairs what someone else flushed. */
const declareMaps = (table: string): readonly string[] => [
  `add table ip ${table}`,
  ...maps.map((map) => `add ${map.replace('map ', `map ip ${table} `)}`),
]

const lookups = [
  'meta l4proto { tcp, udp, sctp } dnat ip to ip daddr . meta l4proto . th dport map @published_at',
  'meta l4proto { tcp, udp, sctp } dnat ip to meta l4proto . th dport map @published',
]

interface Chain {
  readonly name: string
  readonly hook?: string
  readonly rules: readonly string[]
}

const chainsOf = ({ bridge, subnets, gateways, internal, masquerade }: TableNetwork): readonly Chain[] => [
  {
    name: 'raw',
    hook: 'type filter hook prerouting priority raw; policy accept;',
    rules: [
      // route_localnet lets the bridge route 127.0.0.0/8, which the host's loopback services must not be exposed to.
      `iifname "${bridge}" ip daddr 127.0.0.0/8 drop`,
      // `host-gateway` is the host's address on the default bridge, also for containers on another.
      ...gateways.map((gateway) => `meta iifkind "bridge" ip daddr ${gateway} accept`),
      // Only published ports can be reached from outside, whatever routes a neighbour adds; replies come to the host, but
      // where there is no masquerading: there the forward chain, which knows replies, must do alone.
      ...(masquerade || internal
        ? subnets.map((subnet) => `iifname != { "${bridge}", "lo" } ip daddr ${subnet} drop`)
        : []),
    ],
  },
  { name: 'published_ports', rules: lookups },
  {
    name: 'prerouting',
    hook: 'type nat hook prerouting priority dstnat; policy accept;',
    rules: ['fib daddr type local jump published_ports'],
  },
  {
    name: 'output',
    hook: 'type nat hook output priority -100; policy accept;',
    rules: ['fib daddr type local jump published_ports'],
  },
  {
    name: 'postrouting',
    hook: 'type nat hook postrouting priority srcnat; policy accept;',
    rules: [
      ...(masquerade && !internal
        ? subnets.map((subnet) => `ip saddr ${subnet} oifname != "${bridge}" masquerade`)
        : []),
      // Hairpin: the answer would go straight to its neighbour, from an address that it never asked.
      ...subnets.map((subnet) => `oifname "${bridge}" ip saddr ${subnet} ct status dnat masquerade`),
      `oifname "${bridge}" ip saddr 127.0.0.0/8 masquerade`,
    ],
  },
  { name: 'user', rules: [] },
  {
    name: 'forward',
    hook: 'type filter hook forward priority filter; policy accept;',
    rules: [
      'jump user',
      ...(internal
        ? [`iifname "${bridge}" oifname != "${bridge}" drop`, `oifname "${bridge}" iifname != "${bridge}" drop`]
        : []),
      `oifname "${bridge}" iifname != "${bridge}" ct state established,related accept`,
      `oifname "${bridge}" iifname != "${bridge}" ct status dnat accept`,
      `oifname "${bridge}" iifname != "${bridge}" drop`,
    ],
  },
]

/** Makes or repairs everything but the maps' elements and the user's chain. */
export const networkScript = (network: TableNetwork): string => {
  const table = checkBridgeName(network.bridge)
  const chains = chainsOf(network)
  return [
    ...declareMaps(table),
    ...chains.map(({ name, hook }) => `add chain ip ${table} ${name}${hook === undefined ? '' : ` { ${hook} }`}`),
    ...chains.filter(({ name }) => name !== 'user').map(({ name }) => `flush chain ip ${table} ${name}`),
    ...chains.flatMap(({ name, rules }) => rules.map((rule) => `add rule ip ${table} ${name} ${rule}`)),
    '',
  ].join('\n')
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65536

/** Which map an element belongs to, its key and its value. Throws invalid: nothing unchecked gets into a script. */
const elementOf = ({ protocol, hostIp, hostPort, address, containerPort }: PublishedElement) => {
  if (!isIPv4(hostIp) || !isIPv4(address) || !isPort(hostPort) || !isPort(containerPort)) {
    throw invalid(`invalid port mapping: ${JSON.stringify({ hostIp, hostPort, address, containerPort })}`)
  }
  const port = `${protocol} . ${hostPort}`
  const anywhere = hostIp === '0.0.0.0'
  return {
    map: anywhere ? 'published' : 'published_at',
    key: anywhere ? port : `${hostIp} . ${port}`,
    value: `${address} . ${containerPort}`,
  }
}

const elements = (table: string, verb: 'add' | 'delete', list: readonly PublishedElement[]): readonly string[] => {
  const byMap = Map.groupBy(list.map(elementOf), ({ map }) => map)
  return Array.from(byMap, ([map, group]) => {
    const text = group.map(({ key, value }) => (verb === 'add' ? `${key} : ${value}` : key)).join(', ')
    return `${verb} element ip ${table} ${map} { ${text} }`
  })
}

/** Takes elements away and adds others. Fails where the kernel's state isn't the one expected. */
export const changeScript = (
  bridge: string,
  change: { readonly removed: readonly PublishedElement[]; readonly added: readonly PublishedElement[] },
): string => {
  const table = checkBridgeName(bridge)
  return [...elements(table, 'delete', change.removed), ...elements(table, 'add', change.added), ''].join('\n')
}

/** Makes the maps hold exactly these, whatever was there: in one transaction, so that no packet sees them empty. */
export const replaceScript = (bridge: string, all: readonly PublishedElement[]): string => {
  const table = checkBridgeName(bridge)
  return [
    ...declareMaps(table),
    `flush map ip ${table} published`,
    `flush map ip ${table} published_at`,
    ...elements(table, 'add', all),
    '',
  ].join('\n')
}

/** Removes the table, whether it is there or not. */
export const removeScript = (bridge: string): string => {
  const table = checkBridgeName(bridge)
  return `add table ip ${table}\ndelete table ip ${table}\n`
}
