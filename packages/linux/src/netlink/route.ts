import { invalid } from '@slipway/core'
import { AF_INET, AF_INET6, formatIp, type IpPrefix, parseCidr, parseIp } from './ip.ts'
import { asUint32, attribute, decodeAttributes, type Message, NLM_F_CREATE, NLM_F_REPLACE, uint32 } from './message.ts'
import type { Request, RouteSocket } from './socket.ts'

const RTM_NEWROUTE = 24
const RTM_DELROUTE = 25
const RTM_GETROUTE = 26
const RTA_DST = 1
const RTA_OIF = 4
const RTA_GATEWAY = 5
const RTA_PRIORITY = 6
const RTA_PREFSRC = 7
const RTA_TABLE = 15
const RT_TABLE_MAIN = 254
const RTPROT_STATIC = 4
const RT_SCOPE_UNIVERSE = 0
const RT_SCOPE_LINK = 253
const RTN_UNICAST = 1

export interface Route {
  /** `10.0.0.0/8`, or `default`. */
  readonly destination: string
  /** The next hop. At least one of `via` and a link is needed. */
  readonly via?: string
  readonly metric?: number
  /** The address that packets from here bear. */
  readonly source?: string
}

export interface RouteInfo extends Route {
  readonly linkIndex?: number
  /** 254 is the main one. */
  readonly table: number
}

const defaultRoute = (family: IpPrefix['family']): IpPrefix => ({
  family,
  bytes: Buffer.alloc(family === AF_INET ? 4 : 16),
  prefixLength: 0,
})

const destinationOf = ({ destination, via }: Route): IpPrefix => {
  if (destination !== 'default') return parseCidr(destination)
  return defaultRoute(via === undefined ? AF_INET : parseIp(via).family)
}

/** struct rtmsg and the attributes of a unicast route in the main table. */
const encodeRoute = (route: Route, linkIndex: number | undefined): Buffer => {
  const to = destinationOf(route)
  const scope = route.via === undefined ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE
  if (route.via !== undefined && parseIp(route.via).family !== to.family) {
    throw invalid(`route to ${route.destination} via an address of another family`)
  }
  return Buffer.concat([
    Buffer.of(to.family, to.prefixLength, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, scope, RTN_UNICAST, 0, 0, 0, 0),
    ...(to.prefixLength === 0 ? [] : [attribute(RTA_DST, to.bytes)]),
    ...(route.via === undefined ? [] : [attribute(RTA_GATEWAY, parseIp(route.via).bytes)]),
    ...(route.source === undefined ? [] : [attribute(RTA_PREFSRC, parseIp(route.source).bytes)]),
    ...(route.metric === undefined ? [] : [uint32(RTA_PRIORITY, route.metric)]),
    ...(linkIndex === undefined ? [] : [uint32(RTA_OIF, linkIndex)]),
  ])
}

/** Takes the place of a route to the same destination with the same metric. */
export const addRoute = (route: Route, linkIndex?: number): Request => ({
  type: RTM_NEWROUTE,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
  payload: encodeRoute(route, linkIndex),
})

/** ESRCH when it isn't there. */
export const deleteRoute = (route: Route, linkIndex?: number): Request => ({
  type: RTM_DELROUTE,
  payload: encodeRoute(route, linkIndex),
})

/** Undefined for what carries no packets elsewhere: local, broadcast, multicast, blackhole. */
const decodeRoute = ({ payload }: Message): RouteInfo | undefined => {
  const [family, prefixLength = 0, , , shortTable = 0, , , kind] = payload
  if (kind !== RTN_UNICAST || (family !== AF_INET && family !== AF_INET6)) return undefined
  const attributes = decodeAttributes(payload.subarray(12))
  const destination = attributes.get(RTA_DST) ?? defaultRoute(family).bytes
  const via = attributes.get(RTA_GATEWAY)
  const source = attributes.get(RTA_PREFSRC)
  const metric = asUint32(attributes.get(RTA_PRIORITY))
  const linkIndex = asUint32(attributes.get(RTA_OIF))
  return {
    destination: prefixLength === 0 ? 'default' : `${formatIp(destination)}/${prefixLength}`,
    ...(via === undefined ? {} : { via: formatIp(via) }),
    ...(source === undefined ? {} : { source: formatIp(source) }),
    ...(metric === undefined ? {} : { metric }),
    ...(linkIndex === undefined ? {} : { linkIndex }),
    table: asUint32(attributes.get(RTA_TABLE)) ?? shortTable,
  }
}

/** The unicast routes of both families in all tables. */
export const listRoutes = (socket: RouteSocket): readonly RouteInfo[] =>
  socket
    .dump({ type: RTM_GETROUTE, payload: Buffer.alloc(12) }, { action: 'list-routes' })
    .flatMap((message) => decodeRoute(message) ?? [])
