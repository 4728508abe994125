import { invalid } from '@slipway/core'

export type TarType = 'file' | 'hardlink' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo'

/** One entry of a tar, with what GNU and pax headers in front of it said already filled in. */
export interface TarHeader {
  /** The bytes as they stand in the archive: names need not be UTF-8. A directory's may end in a slash. */
  readonly name: Buffer
  readonly type: TarType
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes of the body; 0 for everything but files. */
  readonly size: number
  /** Seconds since 1970, perhaps with a fraction, perhaps negative. */
  readonly mtime: number
  /** The same in nanoseconds, where a double doesn't keep all that was said. */
  readonly mtimeNs?: bigint | undefined
  /** Where a link leads; empty otherwise. */
  readonly linkname: Buffer
  readonly devMajor: number
  readonly devMinor: number
  readonly xattrs: ReadonlyMap<string, Buffer>
}

/** A header's time in nanoseconds. A double keeps microseconds of today's times, and no more. */
export const nanosecondsOf = ({ mtime, mtimeNs }: Pick<TarHeader, 'mtime' | 'mtimeNs'>): bigint => {
  if (mtimeNs !== undefined) return mtimeNs
  const seconds = Math.floor(mtime)
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round((mtime - seconds) * 1e6) * 1000)
}

export const blockSize = 512

/** Zero bytes between a body of `size` bytes and the next header. */
export const paddingOf = (size: number): number => (blockSize - (size % blockSize)) % blockSize

const none = Buffer.alloc(0)
const noXattrs: ReadonlyMap<string, Buffer> = new Map()
const bytesOf = (name: string | Buffer): Buffer => (typeof name === 'string' ? Buffer.from(name) : name)

type HeaderInput = Partial<Omit<TarHeader, 'name' | 'linkname'>> & {
  readonly name: string | Buffer
  readonly linkname?: string | Buffer
}

/** A header with its blanks filled in: root's file, mode 0644 (directories 0755), of 1970. */
export const tarHeader = ({ name, linkname, ...given }: HeaderInput): TarHeader => ({
  type: 'file',
  mode: given.type === 'directory' ? 0o755 : given.type === 'symlink' ? 0o777 : 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  devMajor: 0,
  devMinor: 0,
  xattrs: noXattrs,
  ...given,
  name: bytesOf(name),
  linkname: linkname === undefined ? none : bytesOf(linkname),
})

/** Where the fields of a ustar header lie (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkname: [157, 100],
  magic: [257, 6],
  devMajor: [329, 8],
  devMinor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<string, readonly [offset: number, length: number]>

type Field = readonly [offset: number, length: number]

/** The bytes of a text field up to the first NUL, as a view. */
export const textField = (block: Buffer, [offset, length]: Field): Buffer => {
  const end = block.indexOf(0, offset)
  return block.subarray(offset, end === -1 || end > offset + length ? offset + length : end)
}

/** GNU's binary numbers: two's complement, big endian, the top bit of the first byte is a mark. */
const base256 = (block: Buffer, offset: number, length: number): number => {
  const first = block[offset] ?? 0
  let value = first === 0xff ? -1 : first & 0x7f
  for (let at = offset + 1; at < offset + length; at++) value = value * 256 + (block[at] ?? 0)
  return value
}

/** Octal digits between blanks, or base 256. Throws invalid. */
export const numberField = (block: Buffer, [offset, length]: Field): number => {
  if ((block[offset] ?? 0) & 0x80) {
    const value = base256(block, offset, length)
    if (!Number.isSafeInteger(value)) throw invalid('invalid tar header: number out of range')
    return value
  }
  const end = offset + length
  let at = offset
  while (at < end && (block[at] === 0x20 || block[at] === 0)) at++
  let value = 0
  for (; at < end; at++) {
    const digit = (block[at] ?? 0) - 0x30
    if (digit === -0x10 || digit === -0x30) break
    if (digit < 0 || digit > 7) throw invalid('invalid tar header: not a number')
    value = value * 8 + digit
  }
  return value
}

/** The sum of the block's bytes with its checksum field read as blanks. */
export const checksumOf = (block: Buffer): number => {
  let sum = 8 * 0x20
  for (let at = 0; at < 148; at++) sum += block[at] as number
  for (let at = 156; at < blockSize; at++) sum += block[at] as number
  return sum
}

/** Some old writers summed signed bytes. */
const signedChecksumOf = (block: Buffer): number => {
  let sum = checksumOf(block)
  for (let at = 0; at < blockSize; at++) if ((at < 148 || at >= 156) && (block[at] as number) > 127) sum -= 256
  return sum
}

/** Throws invalid when the header's checksum is not its own. */
export const verifyChecksum = (block: Buffer): void => {
  const stored = numberField(block, fields.checksum)
  if (stored !== checksumOf(block) && stored !== signedChecksumOf(block)) {
    throw invalid('invalid tar header: wrong checksum')
  }
}
