import { invalid } from '@slipway/core'
import { formatMac, parseMac } from './ip.ts'
import {
  asText,
  asUint32,
  attribute,
  decodeAttributes,
  type Message,
  NLM_F_CREATE,
  NLM_F_EXCL,
  nested,
  text,
  uint8,
  uint32,
} from './message.ts'
import type { Request, RouteSocket } from './socket.ts'

const RTM_NEWLINK = 16
const RTM_DELLINK = 17
const RTM_GETLINK = 18
const RTM_SETLINK = 19
const AF_BRIDGE = 7

const IFLA_ADDRESS = 1
const IFLA_IFNAME = 3
const IFLA_MTU = 4
const IFLA_LINK = 5
const IFLA_MASTER = 10
const IFLA_PROTINFO = 12
const IFLA_LINKINFO = 18
const IFLA_IFALIAS = 20
const IFLA_NET_NS_FD = 28
const IFLA_INFO_KIND = 1
const IFLA_INFO_DATA = 2
const VETH_INFO_PEER = 1
const IFF_UP = 1

export interface LinkInfo {
  readonly index: number
  readonly name: string
  /** `veth`, `bridge`, …; undefined for hardware and loopback. */
  readonly kind?: string
  /** Undefined for links without one, such as tunnels. */
  readonly macAddress?: string
  readonly mtu: number
  /** Set up by an administrator; whether there is a carrier is another matter. */
  readonly up: boolean
  /** The index of the bridge it is a port of. */
  readonly master?: number
  readonly alias?: string
}

/** What can be said of a link when it is made. */
export interface LinkSettings {
  readonly name: string
  readonly macAddress?: string
  readonly mtu?: number
  readonly up?: boolean
}

/** A link's name: 1 to 15 bytes (IFNAMSIZ), as dev_valid_name() in the kernel wants it. */
export const checkLinkName = (name: string): string => {
  const long = Buffer.byteLength(name)
  if (long < 1 || long > 15 || /[\s/:\0]/.test(name) || name === '.' || name === '..') {
    throw invalid(`invalid network interface name: ${JSON.stringify(name.slice(0, 80))}`)
  }
  return name
}

interface LinkHeader {
  readonly family?: number
  readonly index?: number
  /** Undefined: stays as it is. */
  readonly up?: boolean | undefined
}

/** struct ifinfomsg. */
const linkHeader = ({ family = 0, index = 0, up }: LinkHeader): Buffer => {
  const header = Buffer.alloc(16)
  header.writeUInt8(family, 0)
  header.writeInt32LE(index, 4)
  header.writeUInt32LE(up ? IFF_UP : 0, 8)
  header.writeUInt32LE(up === undefined ? 0 : IFF_UP, 12)
  return header
}

const settingAttributes = ({ name, macAddress, mtu }: LinkSettings): readonly Buffer[] => [
  text(IFLA_IFNAME, checkLinkName(name)),
  ...(macAddress === undefined ? [] : [attribute(IFLA_ADDRESS, parseMac(macAddress))]),
  ...(mtu === undefined ? [] : [uint32(IFLA_MTU, mtu)]),
]

export interface NewLink extends LinkSettings {
  /** The index of a bridge. */
  readonly master?: number | undefined
  /** The index of the link that it lies on. */
  readonly parent?: number | undefined
  /** The open file of the namespace that it is made in; the parent stays where it is. */
  readonly into?: number | undefined
}

/** A link of a kind: `bridge`, `dummy`, `veth`. `data` is the kind's own. EEXIST when the name is taken. */
export const createLink = (kind: string, link: NewLink, data: readonly Buffer[] = []): Request => ({
  type: RTM_NEWLINK,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  payload: Buffer.concat([
    linkHeader({ up: link.up }),
    ...settingAttributes(link),
    ...(link.master === undefined ? [] : [uint32(IFLA_MASTER, link.master)]),
    ...(link.parent === undefined ? [] : [uint32(IFLA_LINK, link.parent)]),
    ...(link.into === undefined ? [] : [uint32(IFLA_NET_NS_FD, link.into)]),
    nested(IFLA_LINKINFO, [text(IFLA_INFO_KIND, kind), nested(IFLA_INFO_DATA, data)]),
  ]),
})

/**
 * A pair of links; the peer is made right in the namespace of the open file `netns`, if one is given, but down: the
 * kernel answers ENOTCONN when it is to be up before there is a pair.
 */
export const createVeth = (link: NewLink, peer: Omit<LinkSettings, 'up'>, netns?: number): Request =>
  createLink('veth', link, [
    nested(VETH_INFO_PEER, [
      linkHeader({}),
      ...settingAttributes(peer),
      ...(netns === undefined ? [] : [uint32(IFLA_NET_NS_FD, netns)]),
    ]),
  ])

export const deleteLink = (name: string): Request => ({
  type: RTM_DELLINK,
  payload: Buffer.concat([linkHeader({}), text(IFLA_IFNAME, checkLinkName(name))]),
})

export interface LinkChange {
  /** What administrators read beside its name; kept with the link. */
  readonly alias?: string
  readonly up?: boolean
  readonly mtu?: number
  readonly macAddress?: string
  /** The index of a bridge; 0 takes it out of one. */
  readonly master?: number
  /** A name instead of the one it has; the link must be down on kernels before 6.2. */
  readonly name?: string
}

export const changeLink = (index: number, { up, mtu, macAddress, master, name, alias }: LinkChange): Request => ({
  type: RTM_NEWLINK,
  payload: Buffer.concat([
    linkHeader({ index, up }),
    ...(name === undefined ? [] : [text(IFLA_IFNAME, checkLinkName(name))]),
    ...(alias === undefined ? [] : [text(IFLA_IFALIAS, alias)]),
    ...(macAddress === undefined ? [] : [attribute(IFLA_ADDRESS, parseMac(macAddress))]),
    ...(mtu === undefined ? [] : [uint32(IFLA_MTU, mtu)]),
    ...(master === undefined ? [] : [uint32(IFLA_MASTER, master)]),
  ]),
})

/** IFLA_BRPORT_* by the names of bridge(8). */
const portAttributes = { hairpin: 4, learning: 8, isolated: 33 } as const

export type BridgePort = { readonly [Name in keyof typeof portAttributes]?: boolean }

/** Flags of a bridge's port: `hairpin` sends frames back where they came from, `isolated` ports don't see each other. */
export const changeBridgePort = (index: number, port: BridgePort): Request => {
  const names = Object.keys(portAttributes) as (keyof BridgePort)[]
  const flags = names.filter((name) => port[name] !== undefined)
  const settings = flags.map((name) => uint8(portAttributes[name], port[name] ? 1 : 0))
  return {
    type: RTM_SETLINK,
    payload: Buffer.concat([linkHeader({ family: AF_BRIDGE, index }), nested(IFLA_PROTINFO, settings)]),
  }
}

const decodeLink = ({ payload }: Message): LinkInfo => {
  const attributes = decodeAttributes(payload.subarray(16))
  const kind = asText(decodeAttributes(attributes.get(IFLA_LINKINFO) ?? Buffer.alloc(0)).get(IFLA_INFO_KIND))
  const address = attributes.get(IFLA_ADDRESS)
  const master = asUint32(attributes.get(IFLA_MASTER))
  const alias = asText(attributes.get(IFLA_IFALIAS))
  return {
    index: payload.readInt32LE(4),
    name: asText(attributes.get(IFLA_IFNAME)) ?? '',
    ...(kind === undefined ? {} : { kind }),
    ...(address?.length === 6 ? { macAddress: formatMac(address) } : {}),
    mtu: asUint32(attributes.get(IFLA_MTU)) ?? 0,
    up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
    ...(master === undefined ? {} : { master }),
    ...(alias === undefined ? {} : { alias }),
  }
}

/** Throws ENODEV when there is no link of that name. */
export const getLink = (socket: RouteSocket, name: string): LinkInfo => {
  const payload = Buffer.concat([linkHeader({}), text(IFLA_IFNAME, checkLinkName(name))])
  return decodeLink(socket.get({ type: RTM_GETLINK, payload }, { action: 'get-link', name }))
}

export const listLinks = (socket: RouteSocket): readonly LinkInfo[] =>
  socket.dump({ type: RTM_GETLINK, payload: linkHeader({}) }, { action: 'list-links' }).map(decodeLink)
