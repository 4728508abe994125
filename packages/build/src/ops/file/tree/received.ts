import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { TarType } from '@slipway/store'
import { noXattrs } from '../target/target.ts'
import type { Node } from './node.ts'
import { type Content, type PackedEntry, PackedFile, TreeBuilder } from './packed.ts'

/** One entry of a received tree, as it is kept: a list is a third of an object's size, and as quick to read. */
export type ReceivedEntry = readonly [
  path: string,
  type: TarType,
  /** Permission bits, 0 to 0o7777. */
  mode: number,
  uid: number,
  gid: number,
  size: number,
  /** Nanoseconds since 1970. */
  mtime: number,
  linkname: string,
  devMajor: number,
  devMinor: number,
  xattrs: Readonly<Record<string, string>> | null,
  /** The number of the file in `packs` that has the content, where in it, and its SHA-256. */
  pack: number,
  start: number,
  hash: string,
]

/** What is known of a tree that was received entry by entry; the contents lie one after the other in a few files. */
export interface ReceivedIndex {
  /** Names of files beside the index. */
  readonly packs: readonly string[]
  readonly entries: readonly ReceivedEntry[]
}

/** What has changed since another tree was received: an index too, that stands on the other one's. */
export interface ReceivedPatch {
  /** The name of that one's index, beside this. */
  readonly from: string
  /** Those of the old index, and perhaps others behind them. */
  readonly packs: readonly string[]
  readonly removed: readonly string[]
  /** New ones, and those that are different now. None is a hard link, nor is any other entry. */
  readonly put: readonly ReceivedEntry[]
}

const readStored = (path: string): ReceivedIndex | ReceivedPatch => JSON.parse(readFileSync(path, 'utf8'))

/** An index with those it stands on: the whole one, and the patches from the oldest to the newest. */
export const readReceived = (
  path: string,
): { readonly whole: ReceivedIndex; readonly patches: readonly ReceivedPatch[] } => {
  const stored = readStored(path)
  if (!('from' in stored)) return { whole: stored, patches: [] }
  const { whole, patches } = readReceived(join(dirname(path), stored.from))
  return { whole, patches: [...patches, stored] }
}

const xattrsOf = (encoded: Readonly<Record<string, string>>): ReadonlyMap<string, Buffer> =>
  new Map(Object.entries(encoded).map(([name, value]) => [name, Buffer.from(value, 'base64')]))

/** What is known of an entry, and where its content lies. `packs` are open. */
export const packedOf = (
  entry: ReceivedEntry,
  packs: readonly PackedFile[],
): readonly [PackedEntry, Content | undefined] => {
  const [name, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs, pack, start, hash] = entry
  const file = packs[pack]
  const packed = {
    name,
    type,
    mode,
    uid,
    gid,
    size: type === 'file' ? size : 0,
    mtime: mtime / 1e9,
    linkname,
    devMajor,
    devMinor,
    xattrs: xattrs === null ? noXattrs : xattrsOf(xattrs),
  }
  return [packed, file === undefined ? undefined : { file, start, hash }]
}

/** A tree with its files. */
class ReceivedTree {
  readonly #builder: TreeBuilder
  readonly #packs: PackedFile[] = []
  #path: string

  constructor(path: string) {
    const { whole, patches } = readReceived(path)
    this.#path = path
    this.#builder = new TreeBuilder(new PackedFile(path))
    this.#put(whole.packs, whole.entries)
    for (const patch of patches) this.become(path, patch)
  }

  get path(): string {
    return this.#path
  }

  get top(): Node {
    return this.#builder.top
  }

  /** Becomes the tree at `path`. */
  become(path: string, { packs, removed, put }: ReceivedPatch): void {
    this.#path = path
    for (const name of removed) this.#builder.remove(name)
    this.#put(packs, put)
  }

  #put(packs: readonly string[], entries: readonly ReceivedEntry[]): void {
    const directory = dirname(this.#path)
    for (const name of packs.slice(this.#packs.length)) this.#packs.push(new PackedFile(join(directory, name)))
    for (const entry of entries) this.#builder.entry(...packedOf(entry, this.#packs))
  }

  close(): void {
    for (const pack of this.#packs) pack.close()
  }
}

/** The newest one is kept, in each thread: a build asks for its context several times. An index's name is never used again. */
let newest: ReceivedTree | undefined

/** The tree before, mended, when that is the newest one; undefined: it isn't. */
const mended = (path: string): ReceivedTree | undefined => {
  const before = newest
  if (before === undefined || dirname(before.path) !== dirname(path)) return undefined
  const stored = readStored(path)
  if (!('from' in stored) || stored.from !== basename(before.path)) return undefined
  // Half of a patch is no tree.
  newest = undefined
  before.become(path, stored)
  return before
}

/** A tree as it was received from a client (see `ReceivedContexts`), by the path of its index. */
export const openReceived = ({ path }: { readonly path: string }): Node => {
  if (newest?.path !== path) newest = mended(path) ?? new ReceivedTree(path)
  return newest.top
}

/** To be called at the end of a job: the tree stays, the files are closed. */
export const closeReceived = (): void => newest?.close()
