import { createHash, hash as hashOf } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  constants,
  copyFileSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs'
import { invalid } from '@slipway/core'
import { getXattr, listXattrs } from '@slipway/linux'
import type { FilePart, Node, NodeKind } from './node.ts'

const chunkSize = 1 << 20

export const statOf = (path: string): BigIntStats | undefined => {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    // ENOTDIR: something on the way is no directory.
    return undefined
  }
}

export const kindOf = (stat: BigIntStats): NodeKind => {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  return stat.isSymbolicLink() ? 'symlink' : 'special'
}

/** A file of this machine's own file system; nobody else may change it meanwhile. */
class DiskNode implements Node {
  readonly kind: NodeKind
  readonly writesPlain = false
  readonly #path: string
  readonly #stat: BigIntStats

  constructor(path: string, stat: BigIntStats) {
    this.kind = kindOf(stat)
    this.#path = path
    this.#stat = stat
  }

  get mode(): number {
    return Number(this.#stat.mode) & 0o7777
  }

  get uid(): number {
    return Number(this.#stat.uid)
  }

  get gid(): number {
    return Number(this.#stat.gid)
  }

  get size(): number {
    return this.kind === 'file' ? Number(this.#stat.size) : 0
  }

  get mtimeNs(): bigint {
    return this.#stat.mtimeNs
  }

  get device(): NonNullable<Node['device']> {
    return { format: Number(this.#stat.mode) & constants.S_IFMT, number: this.#stat.rdev }
  }

  get identity(): string {
    const { nlink, dev, ino } = this.#stat
    return nlink > 1n && this.kind !== 'directory' ? `${dev}:${ino}` : ''
  }

  names(): readonly string[] {
    return this.kind === 'directory' ? readdirSync(this.#path).sort() : []
  }

  /** Sockets are as good as not there: nothing can be made of one. */
  child(name: string): Node | undefined {
    const path = `${this.#path}/${name}`
    const stat = this.kind === 'directory' ? statOf(path) : undefined
    return stat === undefined || stat.isSocket() ? undefined : new DiskNode(path, stat)
  }

  target(): string {
    return readlinkSync(this.#path)
  }

  read(): Buffer {
    return readFileSync(this.#path)
  }

  hash(): string {
    if (this.size <= chunkSize) return hashOf('sha256', this.read())
    const hash = createHash('sha256')
    for (const piece of this.content()) hash.update(piece)
    return hash.digest('hex')
  }

  *content(): Generator<Buffer, void, void> {
    if (this.size === 0) return
    const buffer = Buffer.allocUnsafe(Math.min(chunkSize, this.size))
    const file = openSync(this.#path, 'r')
    try {
      for (let left = this.size; left > 0; ) {
        const length = readSync(file, buffer, 0, Math.min(left, buffer.length), null)
        if (length === 0) throw invalid(`a file got shorter while it was read: ${this.#path}`)
        left -= length
        yield buffer.subarray(0, length)
      }
    } finally {
      closeSync(file)
    }
  }

  writeTo(path: string): void {
    copyFileSync(this.#path, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  }

  xattrs(): ReadonlyMap<string, Buffer> {
    const values = [...listXattrs(this.#path)].sort().map((name) => [name, getXattr(this.#path, name)] as const)
    return new Map(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  }

  part(): FilePart {
    return { path: this.#path, start: 0, size: this.size }
  }
}

/** A directory as the root of a tree. Throws ENOENT. */
export const openDirectory = ({ path }: { readonly path: string }): Node =>
  new DiskNode(path, lstatSync(path, { bigint: true }))
