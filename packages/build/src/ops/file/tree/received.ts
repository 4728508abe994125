import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TarType, tarHeader } from '@slipway/store'
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

const readTree = (path: string): Open => {
  const index = JSON.parse(readFileSync(path, 'utf8')) as ReceivedIndex
  const packs = index.packs.map((name) => new PackedFile(join(path, '..', name)))
  const nothing = new PackedFile(path)
  const builder = new TreeBuilder(nothing)
  for (const entry of index.entries) {
    const [name, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs, pack, start, hash] = entry
    const header = tarHeader({
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
      xattrs: new Map(Object.entries(xattrs ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')])),
    })
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
