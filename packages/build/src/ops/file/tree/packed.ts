import { createHash, hash as hashOf } from 'node:crypto'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { invalid } from '@slipway/core'
import { deviceNumber } from '@slipway/linux'
import { type TarHeader, type TarType, tarHeader } from '@slipway/store'
import { type FilePart, type Node, type NodeKind, namesOf } from './node.ts'

export const windowSize = 1 << 20

/**
 * Reads pieces of a file. Small files lie in a row in an archive, and are asked for in that order: a window of 1 MiB
 * serves some hundred of them with one read.
 */
export class PackedFile {
  readonly path: string
  readonly #window = Buffer.allocUnsafeSlow(windowSize)
  /** Open only while a job runs: a file that was removed takes room as long as somebody has it open. */
  #fd: number | undefined
  #start = 0
  #length = 0

  constructor(path: string) {
    this.path = path
  }

  /** The pieces in order; each is good until the next is asked for. */
  *read(start: number, size: number): Generator<Buffer> {
    for (let at = start; at < start + size; ) {
      if (at < this.#start || at >= this.#start + this.#length) this.#fill(at)
      const from = at - this.#start
      const piece = this.#window.subarray(from, Math.min(this.#length, from + start + size - at))
      yield piece
      at += piece.length
    }
  }

  #fill(at: number): void {
    // Aligned: not every archive has the names of a directory in order.
    this.#start = at - (at % windowSize)
    this.#fd ??= openSync(this.path, 'r')
    this.#length = readSync(this.#fd, this.#window, 0, windowSize, this.#start)
    if (at >= this.#start + this.#length) throw invalid('unexpected EOF in tar archive')
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}

const kinds: Readonly<Record<TarType, NodeKind>> = {
  file: 'file',
  hardlink: 'file',
  symlink: 'symlink',
  directory: 'directory',
  char: 'special',
  block: 'special',
  fifo: 'special',
}

const formats: Readonly<Partial<Record<TarType, number>>> = {
  char: constants.S_IFCHR,
  block: constants.S_IFBLK,
  fifo: constants.S_IFIFO,
}

const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const byBytes = (a: string, b: string): number => (a < b ? -1 : 1)

/** A umask that takes something from root itself is too odd to be relied on. */
const writesPlain = (process.umask() & 0o755) === 0

/** Where an entry's content lies, when that is known from the beginning. */
export interface Content {
  readonly file: PackedFile
  readonly start: number
  /** SHA-256. */
  readonly hash: string
}

/** An entry of an archive; its content stays in it. */
class PackedNode implements Node {
  readonly kind: NodeKind
  readonly writesPlain = writesPlain
  /** Of the newest entry with its name. */
  header: TarHeader
  /** Where its content begins. */
  start = 0
  /** Set when another entry is a hard link to this one. */
  identity = ''
  readonly #tar: PackedFile
  readonly #children = new Map<string, PackedNode>()
  #names: readonly string[] | undefined
  #hash: string | undefined

  constructor(tar: PackedFile, header: TarHeader, content?: Content) {
    this.kind = kinds[header.type]
    this.header = header
    this.#tar = content?.file ?? tar
    this.start = content?.start ?? 0
    this.#hash = content?.hash
  }

  get mode(): number {
    return this.header.mode
  }

  get uid(): number {
    return this.header.uid
  }

  get gid(): number {
    return this.header.gid
  }

  get size(): number {
    return this.header.size
  }

  get mtimeNs(): bigint {
    // Whole seconds apart: as one number the nanoseconds would be lost.
    const seconds = Math.floor(this.header.mtime)
    return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round((this.header.mtime - seconds) * 1e9))
  }

  get device(): NonNullable<Node['device']> {
    const { type, devMajor, devMinor } = this.header
    return { format: formats[type] ?? 0, number: deviceNumber(devMajor, devMinor) }
  }

  names(): readonly string[] {
    this.#names ??= [...this.#children.keys()].sort(byBytes)
    return this.#names
  }

  child(name: string): PackedNode | undefined {
    return this.#children.get(name)
  }

  put(name: string, node: PackedNode): void {
    this.#names = undefined
    this.#children.set(name, node)
  }

  target(): string {
    return this.header.linkname.toString()
  }

  read(): Buffer {
    const pieces: Buffer[] = []
    for (const piece of this.#tar.read(this.start, this.size)) pieces.push(Buffer.from(piece))
    return Buffer.concat(pieces)
  }

  content(): Iterable<Buffer> {
    return this.#tar.read(this.start, this.size)
  }

  hash(): string {
    this.#hash ??= this.#hashContent()
    return this.#hash
  }

  #hashContent(): string {
    const pieces = this.#tar.read(this.start, this.size)
    const first = pieces.next().value ?? Buffer.alloc(0)
    if (first.length === this.size) return hashOf('sha256', first)
    const hash = createHash('sha256').update(first)
    for (const piece of pieces) hash.update(piece)
    return hash.digest('hex')
  }

  writeTo(path: string, mode: number): void {
    const fd = openSync(path, create, mode)
    try {
      for (const piece of this.#tar.read(this.start, this.size)) {
        for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at)
      }
    } finally {
      closeSync(fd)
    }
  }

  xattrs(): ReadonlyMap<string, Buffer> {
    return this.header.xattrs
  }

  part(): FilePart {
    return { path: this.#tar.path, start: this.start, size: this.size }
  }
}

const bad = (header: TarHeader, why: string) =>
  invalid(`invalid tar entry ${JSON.stringify(header.name.toString())}: ${why}`)

const impliedDirectory = (name: string): TarHeader => tarHeader({ name, type: 'directory' })

/** Puts entries into a tree as unpacking them one after the other would: the last one of a name counts. */
export class TreeBuilder {
  readonly top: PackedNode
  readonly #tar: PackedFile
  #current: PackedNode | undefined

  constructor(tar: PackedFile) {
    this.#tar = tar
    this.top = new PackedNode(tar, impliedDirectory('.'))
  }

  entry(header: TarHeader, content?: Content): void {
    const names = namesOf(header.name.toString())
    if (names === undefined) throw bad(header, 'it is outside of the root')
    const name = names.at(-1)
    this.#current = undefined
    if (name === undefined) {
      if (header.type !== 'directory') throw bad(header, 'it is in place of the root')
      this.top.header = header
      return
    }
    const parent = this.#parent(names.slice(0, -1), header)
    const existing = parent.child(name)
    if (header.type === 'hardlink') parent.put(name, this.#linked(header))
    else if (header.type === 'directory' && existing?.kind === 'directory') existing.header = header
    else parent.put(name, this.#made(header, content))
  }

  /** The content of the newest entry begins at `start`. */
  content(start: number): void {
    if (this.#current !== undefined) this.#current.start = start
    this.#current = undefined
  }

  #made(header: TarHeader, content: Content | undefined): PackedNode {
    this.#current = new PackedNode(this.#tar, header, content)
    return this.#current
  }

  #parent(names: readonly string[], header: TarHeader): PackedNode {
    return names.reduce((directory, name) => {
      const below = directory.child(name) ?? new PackedNode(this.#tar, impliedDirectory(name))
      if (below.kind !== 'directory') throw bad(header, `${JSON.stringify(name)} is no directory`)
      if (directory.child(name) === undefined) directory.put(name, below)
      return below
    }, this.top)
  }

  #linked(header: TarHeader): PackedNode {
    const names = namesOf(header.linkname.toString())
    const target = names?.reduce<PackedNode | undefined>((node, name) => node?.child(name), this.top)
    if (target === undefined || target.kind === 'directory') throw bad(header, 'it links to what is not there')
    target.identity ||= target.header.name.toString()
    return target
  }
}
