import { crc32 } from 'node:zlib'

const magic = [0x1f, 0x8b] as const
const deflated = 8
const flags = { headerSum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const
const fixedLength = 10
/** Names and comments have no length; these are for people. */
const longest = 1 << 16

/** Behind a text that ends with a NUL; 0 when that isn't there. */
const behindText = (bytes: Buffer, at: number): number => bytes.indexOf(0, at) + 1

/**
 * How long the gzip header is that `bytes` begin with (RFC 1952, section 2.3); undefined when its end isn't there. Throws, in
 * zlib's words, for what is none.
 */
export const headerLength = (bytes: Buffer): number | undefined => {
  if (magic.some((byte, at) => at < bytes.length && bytes[at] !== byte)) throw new Error('incorrect header check')
  if (bytes.length < fixedLength) return undefined
  const has = bytes[3] as number
  if (bytes[2] !== deflated) throw new Error('unknown compression method')
  if (has & flags.reserved) throw new Error('unknown header flags set')
  const end = endOf(bytes, has)
  if (end !== undefined && end <= bytes.length) return end
  if (bytes.length > 3 * longest) throw new Error('header too long')
  return undefined
}

const endOf = (bytes: Buffer, has: number): number | undefined => {
  let at = fixedLength
  if (has & flags.extra) {
    if (bytes.length < at + 2) return undefined
    at += 2 + bytes.readUInt16LE(at)
  }
  for (const text of [flags.name, flags.comment]) {
    if ((has & text) === 0) continue
    at = behindText(bytes, at)
    if (at === 0) return undefined
  }
  if ((has & flags.headerSum) === 0) return at
  if (bytes.length < at + 2) return undefined
  if (bytes.readUInt16LE(at) !== (crc32(bytes.subarray(0, at)) & 0xffff)) throw new Error('header crc mismatch')
  return at + 2
}
