import { invalid } from '@slipway/core'
import { isOverlayXattr } from '../layer/whiteout.ts'
import { nanosecondsOf, type TarHeader } from '../tar/header.ts'
import { inodeSize, type Kind, kinds, type Layout, layouts } from './format.ts'

export interface Ownership extends Pick<TarHeader, 'uid' | 'gid' | 'mtime' | 'mtimeNs'> {
  /** Permission bits. */
  readonly mode: number
}

/** What an inode says besides where its content lies. */
export interface Attributes extends Ownership {
  /** The area behind the inode, as `encodeXattrs` makes it; empty when there are none. */
  readonly xattrs: Buffer
}

export interface Content {
  readonly kind: Kind
  readonly layout: Layout
  readonly size: number
  /** First block, device number, or the format of a chunk map. */
  readonly start: number
  readonly links: number
}

const noXattrs = Buffer.alloc(0)
/** A directory that the tar doesn't mention. The time is fixed, so that the same tar makes the same image. */
export const impliedAttributes: Attributes = { mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: noXattrs }

/** Mode, owner and time, in an inode that is there. */
export const writeOwnership = (into: Buffer, at: number, kind: Kind, ownership: Ownership): void => {
  into.writeUInt16LE(kinds[kind].mode | ownership.mode, at + 4)
  into.writeUInt32LE(ownership.uid, at + 24)
  into.writeUInt32LE(ownership.gid, at + 28)
  const time = nanosecondsOf(ownership)
  // Upwards also before 1970.
  const rest = ((time % billion) + billion) % billion
  into.writeBigInt64LE((time - rest) / billion, at + 32)
  into.writeUInt32LE(Number(rest), at + 40)
}

const billion = 1_000_000_000n

export const linksOffset = 44

/** Writes an extended inode (compact ones have no time, and 16 bits for owners) into zeroed bytes, with its xattrs. */
export const writeInode = (into: Buffer, at: number, attributes: Attributes, content: Content): void => {
  const { xattrs } = attributes
  into.writeUInt16LE(layouts[content.layout], at)
  into.writeUInt16LE(xattrs.length === 0 ? 0 : (xattrs.length - xattrHeader) / 4 + 1, at + 2)
  writeOwnership(into, at, content.kind, attributes)
  into.writeBigUInt64LE(BigInt(content.size), at + 8)
  into.writeUInt32LE(content.start, at + 16)
  into.writeUInt32LE(content.links, at + linksOffset)
  xattrs.copy(into, at + inodeSize)
}

export const attributesOf = (header: TarHeader): Attributes => {
  const { mode, uid, gid, mtime, mtimeNs } = header
  for (const id of [uid, gid]) {
    if (id < 0 || id > 0xffff_fffe) throw invalid(`invalid tar entry: no such user or group can be: ${id}`)
  }
  return { mode, uid, gid, mtime, mtimeNs, xattrs: encodeXattrs(header.xattrs) }
}

const xattrHeader = 12
/** i_xattr_icount has 16 bits and counts words. */
const longestXattrs = 0xfffe * 4 + xattrHeader

/** The number that stands for a prefix, and how much of the name it stands for. */
const prefixes: readonly (readonly [prefix: string, index: number])[] = [
  ['user.', 1],
  ['trusted.', 4],
  ['security.', 6],
]
const wholeNames: Readonly<Record<string, number>> = {
  'system.posix_acl_access': 2,
  'system.posix_acl_default': 3,
}

/** Undefined for a namespace that EROFS has no number for: other file systems refuse it too, and the layer goes on without. */
const shorten = (name: string): { readonly index: number; readonly rest: Buffer } | undefined => {
  const whole = wholeNames[name]
  if (whole !== undefined) return { index: whole, rest: noXattrs }
  const known = prefixes.find(([prefix]) => name.startsWith(prefix) && name.length > prefix.length)
  return known === undefined ? undefined : { index: known[1], rest: Buffer.from(name.slice(known[0].length)) }
}

const encodeXattr = (name: string, value: Buffer): Buffer => {
  const short = shorten(name)
  if (short === undefined) return noXattrs
  if (short.rest.length > 255 || value.length > 0xffff) throw invalid(`extended attribute ${name} is too large`)
  const entry = Buffer.alloc(Math.ceil((4 + short.rest.length + value.length) / 4) * 4)
  entry[0] = short.rest.length
  entry[1] = short.index
  entry.writeUInt16LE(value.length, 2)
  short.rest.copy(entry, 4)
  value.copy(entry, 4 + short.rest.length)
  return entry
}

/** The area of extended attributes, in the order of their names, without overlayfs's own. Throws invalid when they don't fit. */
const encodeXattrs = (xattrs: ReadonlyMap<string, Buffer>): Buffer => {
  const names = [...xattrs.keys()].filter((name) => !isOverlayXattr(name)).sort()
  const entries = Buffer.concat(names.map((name) => encodeXattr(name, xattrs.get(name) as Buffer)))
  if (entries.length === 0) return noXattrs
  if (xattrHeader + entries.length > longestXattrs) throw invalid('too many extended attributes')
  return Buffer.concat([Buffer.alloc(xattrHeader), entries])
}

const opaque = encodeXattr('trusted.overlay.opaque', Buffer.from('y'))

/** What overlayfs wants to see on a directory that hides what is below it. */
export const markedOpaque = (attributes: Attributes): Attributes => {
  const { xattrs } = attributes
  return { ...attributes, xattrs: Buffer.concat([xattrs.length === 0 ? Buffer.alloc(xattrHeader) : xattrs, opaque]) }
}
