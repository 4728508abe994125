import { createHash, hash as hashOf } from 'node:crypto'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { invalid } from '@slipway/core'
import { deviceNumber } from '@slipway/linux'
import type { TarHeader, TarType } from '@slipway/store'
import { noXattrs } from '../target/target.ts'
import { type FilePart, type Node, type NodeKind, namesOf } from './node.ts'

export const windowSize = 1 << 20
/** The thread's one: a context may lie in hundreds of files, which are read one after the other. */
let window: Buffer | undefined
let shown: PackedFile | undefined

/** What an archive says of a file. */
export interface PackedEntry extends Omit<TarHeader, 'name' | 'linkname'> {
  readonly name: string
  readonly linkname: string
}

export const entryOfHeader = (header: TarHeader): PackedEntry => ({
  ...header,
  name: header.name.toString(),
  linkname: header.linkname.toString(),
})

/**
 * Reads pieces of a file. Small files lie in a row in an archive, and are asked for in that order: a window of 1 MiB
 * serves some hundred of them with one read.
 */
export class PackedFile {
  readonly path: string
  /** Open only while it has the window: a file that was removed takes room as long as somebody has it open. */
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
      const end = Math.min(this.#length, from + start + size - at)
      yield (window as Buffer).subarray(from, end)
      at += end - from
    }
  }

  #fill(at: number): void {
    window ??= Buffer.allocUnsafeSlow(windowSize)
    if (shown !== this) shown?.close()
    shown = this
    this.#fd ??= openSync(this.path, 'r')
    // Aligned: not every archive has the names of a directory in order.
    this.#start = at - (at % windowSize)
    this.#length = readSync(this.#fd, window, 0, windowSize, this.#start)
    if (at >= this.#start + this.#length) throw invalid('unexpected EOF in tar archive')
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#length = 0
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

/** What has no content is read from nowhere. */
const noFile = new PackedFile('')

/** An entry of an archive; its content stays in it. */
class PackedNode implements Node {
  readonly kind: NodeKind
  readonly writesPlain = writesPlain
  described: string | undefined
  /** Of the newest entry with its name. */
  #entry: PackedEntry
  /** Where its content begins. */
  start = 0
  /** Set when another entry is a hard link to this one. */
  identity = ''
  readonly #tar: PackedFile
  readonly #children = new Map<string, PackedNode>()
  #names: readonly string[] | undefined
  #hash: string | undefined

  constructor(tar: PackedFile, entry: PackedEntry, content?: Content) {
    this.kind = kinds[entry.type]
    this.#entry = entry
    this.#tar = content?.file ?? tar
    this.start = content?.start ?? 0
    this.#hash = content?.hash
  }

  /** Of a directory: another entry with its name. */
  become(entry: PackedEntry): void {
    this.#entry = entry
    this.described = undefined
  }

  get mode(): number {
    return this.#entry.mode
  }

  get uid(): number {
    return this.#entry.uid
  }

  get gid(): number {
    return this.#entry.gid
  }

  get size(): number {
    return this.#entry.size
  }

  get mtimeNs(): bigint {
    // Whole seconds apart: as one number the nanoseconds would be lost.
    const seconds = Math.floor(this.#entry.mtime)
    return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round((this.#entry.mtime - seconds) * 1e9))
  }

  get device(): NonNullable<Node['device']> {
    const { type, devMajor, devMinor } = this.#entry
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

  remove(name: string): void {
    this.#names = undefined
    this.#children.delete(name)
  }

  get name(): string {
    return this.#entry.name
  }

  target(): string {
    return this.#entry.linkname
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
    return this.#entry.xattrs
  }

  part(): FilePart {
    return { path: this.#tar.path, start: this.start, size: this.size }
  }
}

const bad = (entry: PackedEntry, why: string) => invalid(`invalid tar entry ${JSON.stringify(entry.name)}: ${why}`)

const impliedDirectory = (name: string): PackedEntry => ({
  name,
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  linkname: '',
  devMajor: 0,
  devMinor: 0,
  xattrs: noXattrs,
})

/** An entry by itself: what is in a directory isn't known. */
export const packedNode = (entry: PackedEntry, content: Content | undefined): Node =>
  new PackedNode(noFile, entry, content)

/** Puts entries into a tree as unpacking them one after the other would: the last one of a name counts. */
export class TreeBuilder {
  readonly top: PackedNode
  readonly #tar: PackedFile
  #current: PackedNode | undefined
  /** The directory of the last entry: those of one directory mostly come together. */
  #last: { readonly path: string; readonly directory: PackedNode } | undefined

  constructor(tar: PackedFile) {
    this.#tar = tar
    this.top = new PackedNode(tar, impliedDirectory('.'))
  }

  entry(entry: PackedEntry, content?: Content): void {
    this.#current = undefined
    const { parent, name } = this.#place(entry)
    if (name === undefined) {
      if (entry.type !== 'directory') throw bad(entry, 'it is in place of the root')
      this.top.become(entry)
      return
    }
    const existing = parent.child(name)
    if (existing?.kind === 'directory') this.#last = undefined
    if (entry.type === 'hardlink') parent.put(name, this.#linked(entry))
    else if (entry.type === 'directory' && existing?.kind === 'directory') existing.become(entry)
    else parent.put(name, this.#made(entry, content))
  }

  /** The content of the newest entry begins at `start`. */
  content(start: number): void {
    if (this.#current !== undefined) this.#current.start = start
    this.#current = undefined
  }

  /** Takes a path out, with all below it. */
  remove(path: string): void {
    this.#last = undefined
    const names = path.split('/')
    const name = names.pop() ?? ''
    names.reduce<PackedNode | undefined>((node, each) => node?.child(each), this.top)?.remove(name)
  }

  #made(entry: PackedEntry, content: Content | undefined): PackedNode {
    this.#current = new PackedNode(this.#tar, entry, content)
    return this.#current
  }

  #place(entry: PackedEntry): { readonly parent: PackedNode; readonly name: string | undefined } {
    const slash = entry.name.lastIndexOf('/')
    const above = entry.name.slice(0, Math.max(slash, 0))
    const typed = entry.name.slice(slash + 1)
    if (this.#last?.path === above && isPlainName(typed)) return { parent: this.#last.directory, name: typed }
    const names = namesOf(entry.name)
    if (names === undefined) throw bad(entry, 'it is outside of the root')
    const parent = this.#parent(names.slice(0, -1), entry)
    if (isPlainName(typed)) this.#last = { path: above, directory: parent }
    return { parent, name: names.at(-1) }
  }

  #parent(names: readonly string[], entry: PackedEntry): PackedNode {
    return names.reduce((directory, name) => {
      const below = directory.child(name) ?? new PackedNode(this.#tar, impliedDirectory(name))
      if (below.kind !== 'directory') throw bad(entry, `${JSON.stringify(name)} is no directory`)
      if (directory.child(name) === undefined) directory.put(name, below)
      return below
    }, this.top)
  }

  #linked(entry: PackedEntry): PackedNode {
    const names = namesOf(entry.linkname)
    const target = names?.reduce<PackedNode | undefined>((node, name) => node?.child(name), this.top)
    if (target === undefined || target.kind === 'directory') throw bad(entry, 'it links to what is not there')
    target.identity ||= target.name
    return target
  }
}

const isPlainName = (name: string): boolean => name !== '' && name !== '.' && name !== '..'
