import { hasErrno } from '@slipway/core'
import { formatIp } from './ip.ts'
import { type Attributes, attribute, decodeAttributes, type Message, nested } from './message.ts'
import { NETLINK_NETFILTER, RouteSocket } from './socket.ts'

/** linux/netfilter/nfnetlink_conntrack.h */
const NFNL_SUBSYS_CTNETLINK = 1
const IPCTNL_MSG_CT_GET = 1
const IPCTNL_MSG_CT_DELETE = 2
const CTA_TUPLE_ORIG = 1
const CTA_TUPLE_REPLY = 2
const CTA_ZONE = 18
const CTA_TUPLE_IP = 1
const CTA_TUPLE_PROTO = 2
/** Of IPv4 1 and 2, of IPv6 3 and 4. */
const sourceTypes = [1, 3] as const
const destinationTypes = [2, 4] as const
const CTA_PROTO_NUM = 1
const CTA_PROTO_DST_PORT = 3

const messageType = (message: number): number => (NFNL_SUBSYS_CTNETLINK << 8) | message

/** struct nfgenmsg */
const headerLength = 4

/** A published port of datagrams, and where those to it lead now. */
export interface DatagramPort {
  /** IPPROTO_*: 17 is UDP, 132 SCTP. */
  readonly protocol: number
  readonly hostPort: number
  /** Container addresses; none: it leads nowhere any more. */
  readonly targets: readonly string[]
}

interface Flow {
  readonly protocol: number | undefined
  readonly destination: string
  readonly destinationPort: number | undefined
  /** Who answers. */
  readonly answerer: string
}

const inner = (attributes: Attributes, type: number): Attributes =>
  decodeAttributes(attributes.get(type) ?? Buffer.alloc(0))

const addressIn = (ip: Attributes, types: readonly number[]): string => {
  const bytes = types.map((type) => ip.get(type)).find((value) => value !== undefined)
  return bytes === undefined ? '' : formatIp(bytes)
}

const flowOf = (attributes: Attributes): Flow => {
  const [original, reply] = [inner(attributes, CTA_TUPLE_ORIG), inner(attributes, CTA_TUPLE_REPLY)]
  const protocol = inner(original, CTA_TUPLE_PROTO)
  return {
    protocol: protocol.get(CTA_PROTO_NUM)?.readUInt8(),
    destination: addressIn(inner(original, CTA_TUPLE_IP), destinationTypes),
    destinationPort: protocol.get(CTA_PROTO_DST_PORT)?.readUInt16BE(),
    answerer: addressIn(inner(reply, CTA_TUPLE_IP), sourceTypes),
  }
}

/** The message that takes the flow away: its first tuple names it, in its zone. */
const deletion = ({ payload }: Message, attributes: Attributes) => {
  const tuple = inner(attributes, CTA_TUPLE_ORIG)
  const parts = [CTA_TUPLE_IP, CTA_TUPLE_PROTO].map((type) =>
    nested(
      type,
      [...inner(tuple, type)].map(([kind, value]) => attribute(kind, value)),
    ),
  )
  const zone = attributes.get(CTA_ZONE)
  return {
    type: messageType(IPCTNL_MSG_CT_DELETE),
    payload: Buffer.concat([
      payload.subarray(0, headerLength),
      nested(CTA_TUPLE_ORIG, parts),
      ...(zone === undefined ? [] : [attribute(CTA_ZONE, zone)]),
    ]),
  }
}

/**
 * Makes the kernel forget where datagrams to these ports of the host went before: it decides once for a flow, and a client
 * that keeps sending would never reach the container that has the port now. `local` are the host's own addresses: what only
 * passes through, to such a port elsewhere, is left alone. Returns how many flows were forgotten. 1 ms for a table of 1,000.
 */
export const forgetDatagrams = (ports: readonly DatagramPort[], local: ReadonlySet<string>): number => {
  using socket = new RouteSocket(NETLINK_NETFILTER)
  const anyFamily = Buffer.alloc(headerLength)
  const listed = socket.dump({ type: messageType(IPCTNL_MSG_CT_GET), payload: anyFamily }, { action: 'conntrack-list' })
  let forgotten = 0
  for (const message of listed) {
    const attributes = decodeAttributes(message.payload.subarray(headerLength))
    const flow = flowOf(attributes)
    const isStale = ports.some(
      ({ protocol, hostPort, targets }) =>
        flow.protocol === protocol && flow.destinationPort === hostPort && !targets.includes(flow.answerer),
    )
    if (!isStale || !local.has(flow.destination)) continue
    try {
      socket.change(deletion(message, attributes), { action: 'conntrack-delete' })
      forgotten += 1
    } catch (error) {
      // It has ended by itself meanwhile.
      if (!hasErrno(error, 'ENOENT')) throw error
    }
  }
  return forgotten
}
