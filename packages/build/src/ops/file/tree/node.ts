import { posix } from 'node:path'
import { invalid } from '@slipway/core'

export type NodeKind = 'file' | 'directory' | 'symlink' | 'special'

/** Bytes of a file on this machine: all of it, or what lies in the middle of an archive. */
export interface FilePart {
  readonly path: string
  readonly start: number
  readonly size: number
}

/** A file as a COPY sees it, wherever it lies. */
export interface Node {
  readonly kind: NodeKind
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes; 0 for all but files. */
  readonly size: number
  readonly mtimeNs: bigint
  /** Its kind (S_IFCHR, …) and its number, as mknod takes them; meant for special files only. */
  readonly device: { readonly format: number; readonly number: bigint }
  /** Equal for the names of one file that has several; empty for all others. */
  readonly identity: string
  /** Of a directory, in order. */
  names(): readonly string[]
  child(name: string): Node | undefined
  /** Where a symlink leads, as it is written. */
  target(): string
  /** A file's whole content: for small ones. */
  read(): Buffer
  /** The same in pieces, each good until the next is asked for. */
  content(): Iterable<Buffer>
  /** SHA-256 of a file's content. */
  hash(): string
  /** `writeTo()` makes files with the mode it is given, that belong to whoever runs this. */
  readonly writesPlain: boolean
  /** Makes a new regular file with the content. Throws EEXIST where something is. */
  writeTo(path: string, mode: number): void
  xattrs(): ReadonlyMap<string, Buffer>
  part(): FilePart
  /** What the key of a COPY says of it (see `hash.ts`), kept here: a tree is asked more than once. */
  described?: string | undefined
}

const mostLinks = 255

/** Something in a tree, and where it really lies: below the root, without symlinks on the way. */
export interface Located {
  readonly node: Node
  readonly path: string
}

/**
 * What lies at `path`, as a process would find it whose root is `top`: absolute symlinks and `..` stay inside. Throws
 * invalid for links that lead in a circle.
 */
export const locate = (top: Node, path: string, { followLast = false } = {}): Located | undefined => {
  const waiting = path.split('/').reverse()
  const found: Node[] = [top]
  const names: string[] = []
  let links = 0
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (names.pop() !== undefined) found.pop()
      continue
    }
    const node = found.at(-1)?.child(name)
    if (node === undefined) return undefined
    const isLast = waiting.every((rest) => rest === '' || rest === '.')
    if (node.kind !== 'symlink' || (isLast && !followLast)) {
      found.push(node)
      names.push(name)
      continue
    }
    links += 1
    if (links > mostLinks) throw invalid(`too many levels of symbolic links: ${path.slice(0, 1024)}`)
    const target = node.target()
    if (target.startsWith('/')) {
      found.length = 1
      names.length = 0
    }
    waiting.push(...target.split('/').reverse())
  }
  return { node: found.at(-1) ?? top, path: names.join('/') }
}

/** The same, where it doesn't matter where it really lies. */
export const findNode = (top: Node, path: string, options: { readonly followLast?: boolean } = {}): Node | undefined =>
  locate(top, path, options)?.node

/** Something in it stands for nothing, for itself, or for what is above. */
const isUnclean = /(?:^|\/)\.{0,2}(?:\/|$)/

/** `./a//b/../c/` as names; undefined when it leaves the root. */
export const namesOf = (path: string): readonly string[] | undefined => {
  if (!isUnclean.test(path)) return path.split('/')
  const clean = posix.normalize(`./${path}`)
  if (clean === '..' || clean.startsWith('../')) return undefined
  return clean.split('/').filter((name) => name !== '' && name !== '.')
}
