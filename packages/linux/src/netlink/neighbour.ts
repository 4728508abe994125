import { parseIp, parseMac } from './ip.ts'
import { attribute, NLM_F_CREATE, NLM_F_REPLACE } from './message.ts'
import type { Request } from './socket.ts'

const RTM_NEWNEIGH = 28
const NDA_DST = 1
const NDA_LLADDR = 2
const NUD_PERMANENT = 0x80

/** A fixed answer to "who has this address?". */
export const addNeighbour = (linkIndex: number, address: string, macAddress: string): Request => {
  const ip = parseIp(address)
  // struct ndmsg: family, padding, index, state, flags, type.
  const header = Buffer.alloc(12)
  header.writeUInt8(ip.family, 0)
  header.writeInt32LE(linkIndex, 4)
  header.writeUInt16LE(NUD_PERMANENT, 8)
  return {
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    payload: Buffer.concat([header, attribute(NDA_DST, ip.bytes), attribute(NDA_LLADDR, parseMac(macAddress))]),
  }
}
