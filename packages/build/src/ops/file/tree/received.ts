import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TarType } from '@slipway/store'
import { noXattrs } from '../target/target.ts'
import type { Node } from './node.ts'
import { PackedFile, TreeBuilder } from './packed.ts'

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

/** What has changed since another tree was received. */
export interface ReceivedPatch {
  /** The path of that one's index. */
  readonly from: string
  /** Of the new index; it begins with the packs of the old one. */
  readonly packs: readonly string[]
  readonly removed: readonly string[]
  /** New ones, and those that are different now. None is a hard link, nor is any other entry. */
  readonly put: readonly ReceivedEntry[]
}

/** Where a received tree is. */
export interface ReceivedSource {
  /** Of the index. */
  readonly path: string
  /** Given: whoever has the tree before can do with this. */
  readonly patch?: ReceivedPatch | undefined
}

const xattrsOf = (encoded: Readonly<Record<string, string>>): ReadonlyMap<string, Buffer> =>
  new Map(Object.entries(encoded).map(([name, value]) => [name, Buffer.from(value, 'base64')]))

/** A tree with its files. */
class ReceivedTree {
  readonly #builder: TreeBuilder
  readonly #packs: PackedFile[] = []
  #path: string

  constructor(path: string) {
    const { packs, entries } = JSON.parse(readFileSync(path, 'utf8')) as ReceivedIndex
    this.#path = path
    this.#builder = new TreeBuilder(new PackedFile(path))
    this.#put(packs, entries)
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
    for (const entry of entries) {
      const [name, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs, pack, start, hash] = entry
      const file = this.#packs[pack]
      this.#builder.entry(
        {
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
        },
        file === undefined ? undefined : { file, start, hash },
      )
    }
  }

  close(): void {
    for (const pack of this.#packs) pack.close()
  }
}

/** The newest one is kept, in each thread: a build asks for its context several times. An index's name is never used again. */
let newest: ReceivedTree | undefined

/** A tree as it was received from a client (see `ReceivedContexts`). */
export const openReceived = ({ path, patch }: ReceivedSource): Node => {
  if (newest === undefined || (newest.path !== path && newest.path !== patch?.from)) newest = new ReceivedTree(path)
  else if (newest.path !== path && patch !== undefined) {
    const tree = newest
    // Half of a patch is no tree.
    newest = undefined
    tree.become(path, patch)
    newest = tree
  }
  return newest.top
}

/** To be called at the end of a job: the tree stays, the files are closed. */
export const closeReceived = (): void => newest?.close()
