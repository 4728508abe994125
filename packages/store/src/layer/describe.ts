import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { deviceParts, getXattr, listXattrs } from '@slipway/linux'
import { type TarHeader, type TarType, tarHeader } from '../tar/header.ts'
import { inDirectory, type RawName } from './file-name.ts'
import type { Found } from './walk.ts'
import { belongsToHost } from './whiteout.ts'

export interface DescribeRules {
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
}

const kindOf = (stat: Stats): TarType | undefined => {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isCharacterDevice()) return 'char'
  if (stat.isBlockDevice()) return 'block'
  // A socket has no place in a tar; docker leaves them out too.
  return stat.isFIFO() ? 'fifo' : undefined
}

const noXattrs: ReadonlyMap<string, Buffer> = new Map()

/** The attributes that go into a tar. */
export const readXattrs = (path: string | Buffer): ReadonlyMap<string, Buffer> => {
  const names = listXattrs(path)
  if (names.length === 0) return noXattrs
  const xattrs = new Map<string, Buffer>()
  for (const name of names) {
    if (belongsToHost(name)) continue
    const value = getXattr(path, name)
    if (value !== undefined) xattrs.set(name, value)
  }
  return xattrs
}

/** Says what files are in a tar's words, and knows which it has described before under another name. */
export class Describer {
  readonly #rules: DescribeRules
  readonly #names = new Map<string, Buffer>()

  constructor(rules: DescribeRules = {}) {
    this.#rules = rules
  }

  /** The file under the name `as`, a hard link if it was described before; undefined for what no tar can hold. */
  describe({ fd, name, stat }: Found, as: RawName): TarHeader | undefined {
    const type = kindOf(stat)
    if (type === undefined) return undefined
    const path = inDirectory(fd, name)
    const target = Buffer.from(type === 'directory' ? `${as}/` : as, 'latin1')
    const first = type === 'directory' || stat.nlink === 1 ? undefined : this.#firstName(path, target)
    const { uid, gid } = this.#rules.owner ?? stat
    const numbers = { mode: stat.mode & 0o7777, uid, gid, mtime: stat.mtimeMs / 1000 }
    if (first !== undefined) return tarHeader({ name: target, type: 'hardlink', ...numbers, linkname: first })
    const xattrs = readXattrs(path)
    if (type === 'file') return tarHeader({ name: target, type, ...numbers, xattrs, size: stat.size })
    if (type === 'symlink') {
      return tarHeader({ name: target, type, ...numbers, xattrs, linkname: readlinkSync(path, 'buffer') })
    }
    const isDevice = type === 'char' || type === 'block'
    const { major, minor } = isDevice ? deviceParts(stat.rdev) : { major: 0, minor: 0 }
    return tarHeader({ name: target, type, ...numbers, xattrs, devMajor: major, devMinor: minor })
  }

  #firstName(path: string | Buffer, name: Buffer): Buffer | undefined {
    // In 64 bits: an overlay's inode numbers can be larger than a double holds.
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) return undefined
    const key = `${stat.dev}:${stat.ino}`
    const first = this.#names.get(key)
    if (first === undefined) this.#names.set(key, name)
    return first
  }
}
