/**
 * Netlink's wire format (netlink(7), linux/netlink.h). Numbers are in the machine's byte order, which is little-endian
 * on all that we run on; addresses are in the network's.
 */

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3

export const NLM_F_REQUEST = 0x1
export const NLM_F_ACK = 0x4
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_DUMP = 0x300
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400

const NLM_F_ACK_TLVS = 0x200
const NLA_F_NESTED = 0x8000
const NLA_TYPE_MASK = 0x3fff
const NLMSGERR_ATTR_MSG = 1

const headerLength = 16
const align = (length: number): number => (length + 3) & ~3

/** An encoded attribute: type, length, payload, padding. */
export const attribute = (type: number, payload: Uint8Array): Buffer => {
  const encoded = Buffer.alloc(align(4 + payload.length))
  encoded.writeUInt16LE(4 + payload.length, 0)
  encoded.writeUInt16LE(type, 2)
  encoded.set(payload, 4)
  return encoded
}

export const nested = (type: number, attributes: readonly Uint8Array[]): Buffer =>
  attribute(type | NLA_F_NESTED, Buffer.concat(attributes))

/** Text with its NUL. */
export const text = (type: number, value: string): Buffer => attribute(type, Buffer.from(`${value}\0`))

export const uint32 = (type: number, value: number): Buffer => {
  const payload = Buffer.alloc(4)
  payload.writeUInt32LE(value >>> 0)
  return attribute(type, payload)
}

export const uint16 = (type: number, value: number): Buffer => {
  const payload = Buffer.alloc(2)
  payload.writeUInt16LE(value)
  return attribute(type, payload)
}

export const uint8 = (type: number, value: number): Buffer => attribute(type, Uint8Array.of(value))

export interface Message {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** What follows the header: the fixed part of the family, then attributes. */
  readonly payload: Buffer
}

export const encodeMessage = ({ type, flags, sequence, payload }: Message): Buffer => {
  const encoded = Buffer.alloc(align(headerLength + payload.length))
  encoded.writeUInt32LE(headerLength + payload.length, 0)
  encoded.writeUInt16LE(type, 4)
  encoded.writeUInt16LE(flags, 6)
  encoded.writeUInt32LE(sequence, 8)
  encoded.set(payload, headerLength)
  return encoded
}

/** The messages of one datagram. A length that can't be ends it. */
export const decodeMessages = (datagram: Buffer): readonly Message[] => {
  const messages: Message[] = []
  let at = 0
  while (at + headerLength <= datagram.length) {
    const length = datagram.readUInt32LE(at)
    if (length < headerLength || at + length > datagram.length) break
    messages.push({
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      payload: datagram.subarray(at + headerLength, at + length),
    })
    at += align(length)
  }
  return messages
}

/** Attributes by type; of several of one type, the last. The payloads are views. */
export type Attributes = ReadonlyMap<number, Buffer>

export const decodeAttributes = (bytes: Buffer): Attributes => {
  const attributes = new Map<number, Buffer>()
  let at = 0
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) break
    attributes.set(bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, bytes.subarray(at + 4, at + length))
    at += align(length)
  }
  return attributes
}

/** Attribute values as decoded: undefined stays undefined. */
export const asText = (value: Buffer | undefined): string | undefined => value?.toString('utf8').replace(/\0.*$/s, '')
export const asUint32 = (value: Buffer | undefined): number | undefined => value?.readUInt32LE(0)

export interface Refusal {
  /** Positive; 0 is an acknowledgement. */
  readonly errno: number
  /** The kernel's own sentence, if it has one (NETLINK_EXT_ACK). */
  readonly reason?: string
}

/** struct nlmsgerr of a socket with NETLINK_CAP_ACK, which leaves the request out but for its header. */
export const decodeRefusal = ({ flags, payload }: Message): Refusal => {
  const errno = Math.abs(payload.readInt32LE(0))
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno }
  const reason = asText(decodeAttributes(payload.subarray(4 + headerLength)).get(NLMSGERR_ATTR_MSG))
  return { errno, ...(reason === undefined ? {} : { reason }) }
}
