import { AF_INET, formatIp, type IpPrefix, parseCidr } from './ip.ts'
import { attribute, decodeAttributes, type Message, NLM_F_CREATE, NLM_F_REPLACE, uint32 } from './message.ts'
import type { Request, RouteSocket } from './socket.ts'

const RTM_NEWADDR = 20
const RTM_DELADDR = 21
const RTM_GETADDR = 22
const IFA_ADDRESS = 1
const IFA_LOCAL = 2
const IFA_BROADCAST = 4
const IFA_FLAGS = 8
/** No duplicate address detection: an IPv6 address can be used at once, not after a second. */
const IFA_F_NODAD = 2

export interface AddressInfo {
  readonly linkIndex: number
  /** `172.17.0.1/16`. */
  readonly address: string
}

/** struct ifaddrmsg. */
const addressHeader = (
  linkIndex: number,
  { family, prefixLength }: Pick<IpPrefix, 'family' | 'prefixLength'>,
): Buffer => {
  const header = Buffer.of(family, prefixLength, 0, 0, 0, 0, 0, 0)
  header.writeUInt32LE(linkIndex, 4)
  return header
}

/** The last address of the subnet; a subnet of one or two has none. */
const broadcastOf = ({ family, bytes, prefixLength }: IpPrefix): Buffer | undefined => {
  if (family !== AF_INET || prefixLength > 30) return undefined
  const broadcast = Buffer.alloc(4)
  broadcast.writeUInt32BE((bytes.readUInt32BE() | (0xffffffff >>> prefixLength)) >>> 0)
  return broadcast
}

/** One that is there already is no error. */
export const addAddress = (linkIndex: number, address: string): Request => {
  const ip = parseCidr(address)
  const broadcast = broadcastOf(ip)
  return {
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    payload: Buffer.concat([
      addressHeader(linkIndex, ip),
      attribute(IFA_LOCAL, ip.bytes),
      attribute(IFA_ADDRESS, ip.bytes),
      ...(broadcast === undefined ? [] : [attribute(IFA_BROADCAST, broadcast)]),
      ...(ip.family === AF_INET ? [] : [uint32(IFA_FLAGS, IFA_F_NODAD)]),
    ]),
  }
}

/** EADDRNOTAVAIL when it isn't there. */
export const deleteAddress = (linkIndex: number, address: string): Request => {
  const ip = parseCidr(address)
  return { type: RTM_DELADDR, payload: Buffer.concat([addressHeader(linkIndex, ip), attribute(IFA_LOCAL, ip.bytes)]) }
}

const decodeAddress = ({ payload }: Message): AddressInfo => {
  const attributes = decodeAttributes(payload.subarray(8))
  // On point-to-point links IFA_ADDRESS is the other end; IPv6 has no IFA_LOCAL.
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS) ?? Buffer.alloc(4)
  return { linkIndex: payload.readUInt32LE(4), address: `${formatIp(bytes)}/${payload.readUInt8(1)}` }
}

export const listAddresses = (socket: RouteSocket): readonly AddressInfo[] =>
  socket.dump({ type: RTM_GETADDR, payload: Buffer.alloc(8) }, { action: 'list-addresses' }).map(decodeAddress)
