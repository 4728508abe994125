import { invalid } from '@slipway/core'
import type { Owner } from '../owner.ts'
import type { Node, NodeKind } from '../tree/node.ts'

/** What a file is besides its content. */
export interface Metadata extends Owner {
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  readonly mtimeNs: bigint
  readonly xattrs: ReadonlyMap<string, Buffer>
}

/** What a copy of a file is: the same function for all files of an instruction, and asked when it is needed. */
export type MetadataOf = (node: Node) => Metadata

/** Where symlinks lead, in a file system whose paths are absolute; undefined: there is none at this path. */
export interface HasLinks {
  linkAt(path: string): string | undefined
}

/**
 * The file system that a step puts files into. Paths are absolute in it, and lead through no symlink (see `resolveIn`); the
 * directory above is there. Times don't hang on when something was built, for no layer would be made twice alike: a
 * directory that something is put into keeps the one it had, and one that is made gets 1970's.
 */
export interface Target extends HasLinks {
  kindAt(path: string): NodeKind | undefined
  /** For everyone to read, where nothing is. */
  makeDirectory(path: string, owner: Owner): void
  /** Of a directory; attributes that it has and that aren't named stay. */
  setMetadata(path: string, metadata: Metadata): void
  /** A copy of a file, a symlink or a device; what is there gives way. Throws invalid where that is a directory. */
  put(path: string, node: Node, metadataOf: MetadataOf): void
  /** Another name for what is at `first`, in the same way. */
  link(first: string, path: string): void
}

export const noXattrs: ReadonlyMap<string, Buffer> = new Map()

export const refuseDirectory = (path: string): never => {
  throw invalid(`cannot replace to directory ${path} with file`)
}
