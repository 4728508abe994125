import { isIPv4, isIPv6 } from 'node:net'
import { invalid, type TransportProtocol } from '@slipway/core'

/**
 * The scripts for our nftables tables. There is one for each bridge and family, named after the bridge, so that engines live
 * side by side:
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
 *
 * Every rule but those of the maps names the bridge as the way that a packet comes or goes: a table that outlives its bridge
 * is in nobody's way, though another bridge may have its range by then (`sweep.ts` takes it away, maps and all).
 */
export interface TableNetwork {
  readonly bridge: string
  /** The bridge's ranges of both families, as CIDRs. */
  readonly subnets: readonly string[]
  /** The host's addresses on it, of both families. */
  readonly gateways: readonly string[]
  readonly internal: boolean
  readonly masquerade: boolean
}

/** One element of a map. */
export interface PublishedElement {
  readonly protocol: TransportProtocol
  /** `0.0.0.0` or `::` for every address of the host; of the family that `address` is of. */
  readonly hostIp: string
  readonly hostPort: number
  readonly address: string
  readonly containerPort: number
}

const linkName = /^[a-zA-Z_][a-zA-Z0-9._-]{0,14}$/

export const isBridgeName = (name: string): boolean => linkName.test(name)

/** Names a link, and the nftables table. Throws invalid: a link's name has at most 15 characters (IFNAMSIZ). */
export const checkBridgeName = (name: string): string => {
  if (!isBridgeName(name)) throw invalid(`invalid bridge name: ${JSON.stringify(name.slice(0, 64))}`)
  return name
}

const tableName = /^[a-zA-Z_][a-zA-Z0-9._-]{0,30}$/

/** Names an nftables table: a bridge's, or one without a bridge. Throws invalid. */
export const checkTableName = (name: string): string => {
  if (!tableName.test(name)) throw invalid(`invalid table name: ${JSON.stringify(name.slice(0, 64))}`)
  return name
}

/**
 * The table for the published ports of an engine that has no default bridge. Too long for a bridge's name: nobody takes it for
 * one whose bridge is gone (see `sweep.ts`).
 */
export const publishingTable = (engineId: string): string => `slipway-ports-${engineId.slice(0, 8)}`

/** What differs between IPv4 and IPv6. */
interface Family {
  /** As nftables names it. */
  readonly ip: 'ip' | 'ip6'
  readonly type: 'ipv4_addr' | 'ipv6_addr'
  readonly anywhere: string
  readonly loopback: string
  /** Whether the kernel routes what comes from the loopback: only IPv4 has `route_localnet`. */
  readonly routesLoopback: boolean
  readonly has: (addressOrCidr: string) => boolean
}

const isOfIpv6 = (text: string): boolean => text.includes(':')

const ipv4: Family = {
  ip: 'ip',
  type: 'ipv4_addr',
  anywhere: '0.0.0.0',
  loopback: '127.0.0.0/8',
  routesLoopback: true,
  has: (text) => !isOfIpv6(text),
}

const ipv6: Family = {
  ip: 'ip6',
  type: 'ipv6_addr',
  anywhere: '::',
  loopback: '::1',
  routesLoopback: false,
  has: isOfIpv6,
}

interface Chain {
  readonly name: string
  readonly hook?: string
  readonly rules: readonly string[]
}

const mapsOf = ({ type }: Family): readonly string[] => [
  `published { type inet_proto . inet_service : ${type} . inet_service; }`,
  `published_at { type ${type} . inet_proto . inet_service : ${type} . inet_service; }`,
]

/** Declared again each time, which is no error, so that every script also repairs what someone else flushed. */
const declareMaps = (family: Family, table: string): readonly string[] => [
  `add table ${family.ip} ${table}`,
  ...mapsOf(family).map((map) => `add map ${family.ip} ${table} ${map}`),
]

/** The chains that lead to published ports. */
const publishingChains = ({ ip, routesLoopback, loopback }: Family): readonly Chain[] => [
  {
    name: 'published_ports',
    rules: [
      `meta l4proto { tcp, udp, sctp } dnat ${ip} to ${ip} daddr . meta l4proto . th dport map @published_at`,
      `meta l4proto { tcp, udp, sctp } dnat ${ip} to meta l4proto . th dport map @published`,
    ],
  },
  {
    name: 'prerouting',
    hook: 'type nat hook prerouting priority dstnat; policy accept;',
    rules: ['fib daddr type local jump published_ports'],
  },
  {
    name: 'output',
    hook: 'type nat hook output priority -100; policy accept;',
    rules: [`fib daddr type local ${routesLoopback ? '' : `${ip} daddr != ${loopback} `}jump published_ports`],
  },
]

/** The chains of a network, in the order that packets meet them. */
const networkChains = (
  { ip, loopback, routesLoopback, has }: Family,
  { bridge, internal, masquerade, ...network }: TableNetwork,
): readonly Chain[] => {
  const [subnets, gateways] = [network.subnets.filter(has), network.gateways.filter(has)]
  return [
    {
      name: 'raw',
      hook: 'type filter hook prerouting priority raw; policy accept;',
      rules: [
        // route_localnet lets the bridge route 127.0.0.0/8, which the host's loopback services must not be exposed to.
        ...(routesLoopback ? [`iifname "${bridge}" ${ip} daddr ${loopback} drop`] : []),
        // `host-gateway` is the host's address on the default bridge, also for containers on another.
        ...gateways.map((gateway) => `meta iifkind "bridge" ${ip} daddr ${gateway} accept`),
        // Only published ports can be reached from outside, whatever routes a neighbour adds; replies come to the host, but
        // where there is no masquerading: there the forward chain, which knows replies, must do alone.
        ...(masquerade || internal
          ? subnets.map(
              (subnet) => `iifname != { "${bridge}", "lo" } ${ip} daddr ${subnet} fib daddr oifname "${bridge}" drop`,
            )
          : []),
      ],
    },
    {
      name: 'postrouting',
      hook: 'type nat hook postrouting priority srcnat; policy accept;',
      rules: [
        ...(masquerade && !internal
          ? subnets.map((subnet) => `iifname "${bridge}" ${ip} saddr ${subnet} oifname != "${bridge}" masquerade`)
          : []),
        // Hairpin: the answer would go straight to its neighbour, from an address that it never asked.
        ...subnets.map((subnet) => `oifname "${bridge}" ${ip} saddr ${subnet} ct status dnat masquerade`),
        ...(routesLoopback ? [`oifname "${bridge}" ${ip} saddr ${loopback} masquerade`] : []),
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
}

/** Makes or repairs chains; the user's is never flushed. */
const writeChains = ({ ip }: Family, table: string, chains: readonly Chain[]): readonly string[] => [
  ...chains.map(({ name, hook }) => `add chain ${ip} ${table} ${name}${hook === undefined ? '' : ` { ${hook} }`}`),
  ...chains.filter(({ name }) => name !== 'user').map(({ name }) => `flush chain ${ip} ${table} ${name}`),
  ...chains.flatMap(({ name, rules }) => rules.map((rule) => `add rule ${ip} ${table} ${name} ${rule}`)),
]

/** Makes or repairs everything but the maps' elements and the user's chain. */
export const networkScript = (network: TableNetwork): string => {
  const table = checkBridgeName(network.bridge)
  const families = network.subnets.some(isOfIpv6) ? [ipv4, ipv6] : [ipv4]
  return [
    ...families.flatMap((family) => [
      ...declareMaps(family, table),
      ...writeChains(family, table, [...publishingChains(family), ...networkChains(family, network)]),
    ]),
    '',
  ].join('\n')
}

/** How many rules `networkScript()` makes in each family, but for the user's. */
export const rulesOf = (network: TableNetwork): Readonly<Record<'ip' | 'ip6', number>> => {
  const lines = networkScript(network).split('\n')
  const count = (ip: string): number => lines.filter((line) => line.startsWith(`add rule ${ip} `)).length
  return { ip: count('ip'), ip6: count('ip6') }
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65536

/** Which map an element belongs to. Throws invalid: nothing unchecked gets to the kernel. */
export const placeOf = ({ hostIp, hostPort, address, containerPort }: PublishedElement) => {
  const isFamily = isIPv6(address) ? isIPv6 : isIPv4
  if (!isFamily(hostIp) || !isFamily(address) || !isPort(hostPort) || !isPort(containerPort)) {
    throw invalid(`invalid port mapping: ${JSON.stringify({ hostIp, hostPort, address, containerPort })}`)
  }
  const family = isIPv6(address) ? ipv6 : ipv4
  const anywhere = hostIp === family.anywhere
  return { family: family.ip, map: anywhere ? 'published' : 'published_at', anywhere } as const
}

const addElements = (table: string, list: readonly PublishedElement[]): readonly string[] => {
  const texts = list.map((element) => {
    const { family, map, anywhere } = placeOf(element)
    const { protocol, hostIp, hostPort, address, containerPort } = element
    const key = `${anywhere ? '' : `${hostIp} . `}${protocol} . ${hostPort}`
    return { map: `${family} ${table} ${map}`, text: `${key} : ${address} . ${containerPort}` }
  })
  const byMap = Map.groupBy(texts, ({ map }) => map)
  return Array.from(byMap, ([map, group]) => `add element ${map} { ${group.map(({ text }) => text).join(', ')} }`)
}

/** A bridge without IPv6 has no table of that family, and an engine without a bridge of neither, until a port is published. */
const declarePublishing = (family: Family, table: string): readonly string[] => [
  ...declareMaps(family, table),
  ...writeChains(family, table, publishingChains(family)),
]

/** Makes the maps hold exactly these, whatever was there: in one transaction, so that no packet sees them empty. */
export const replaceScript = (name: string, all: readonly PublishedElement[]): string => {
  const table = checkTableName(name)
  return [
    ...declarePublishing(ipv4, table),
    ...declarePublishing(ipv6, table),
    ...[ipv4, ipv6].flatMap(({ ip }) => [
      `flush map ${ip} ${table} published`,
      `flush map ${ip} ${table} published_at`,
    ]),
    ...addElements(table, all),
    '',
  ].join('\n')
}

/** Removes the tables, whether they are there or not. */
export const removeScript = (name: string): string => {
  const table = checkTableName(name)
  return [ipv4, ipv6].map(({ ip }) => `add table ${ip} ${table}\ndelete table ${ip} ${table}\n`).join('')
}

/** Leaves nothing in the tables but the user's chains. */
export const emptyScript = (bridge: string): string => {
  const table = checkBridgeName(bridge)
  const nobody = { bridge, subnets: [], gateways: [], internal: false, masquerade: false }
  return [ipv4, ipv6]
    .flatMap((family) => [
      ...declareMaps(family, table),
      ...writeChains(
        family,
        table,
        [...publishingChains(family), ...networkChains(family, nobody)].map((chain) => ({ ...chain, rules: [] })),
      ),
      `flush map ${family.ip} ${table} published`,
      `flush map ${family.ip} ${table} published_at`,
      '',
    ])
    .join('\n')
}
