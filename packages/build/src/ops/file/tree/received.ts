import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TarHeader, TarType } from '@slipway/store'
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

interface Open {
  readonly path: string
  readonly packs: readonly PackedFile[]
  readonly top: Node
}

const nothing = Buffer.alloc(0)

const xattrsOf = (encoded: Readonly<Record<string, string>>): ReadonlyMap<string, Buffer> =>
  new Map(Object.entries(encoded).map(([name, value]) => [name, Buffer.from(value, 'base64')]))

const readTree = (path: string): Open => {
  const index = JSON.parse(readFileSync(path, 'utf8')) as ReceivedIndex
  const packs = index.packs.map((name) => new PackedFile(join(path, '..', name)))
  const builder = new TreeBuilder(new PackedFile(path))
  for (const entry of index.entries) {
    const [name, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs, pack, start, hash] = entry
    const header: TarHeader = {
      name: Buffer.from(name),
      type,
      mode,
      uid,
      gid,
      size: type === 'file' ? size : 0,
      mtime: mtime / 1e9,
      linkname: linkname === '' ? nothing : Buffer.from(linkname),
      devMajor,
      devMinor,
      xattrs: xattrs === null ? noXattrs : xattrsOf(xattrs),
    }
    const file = packs[pack]
    builder.entry(header, file === undefined ? undefined : { file, start, hash })
  }
  return { path, packs, top: builder.top }
}

/** The newest one is kept, in each thread: a build asks for its context several times. An index's name is never used again. */
let newest: Open | undefined

/** A tree as it was received from a client (see `ReceivedContexts`). */
export const openReceived = (path: string): Node => {
  if (newest?.path !== path) newest = readTree(path)
  return newest.top
}

/** To be called at the end of a job: the tree stays, the files are closed. */
export const closeReceived = (): void => {
  for (const pack of newest?.packs ?? []) pack.close()
}
