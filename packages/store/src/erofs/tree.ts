import { invalid } from '@slipway/core'
import { type RawName, splitLast, toText } from '../layer/file-name.ts'
import type { Kind } from './format.ts'
import type { Attributes } from './inode.ts'

/** What is no directory. One with several names has several entries that lead to it. */
export interface Leaf {
  readonly kind: Exclude<Kind, 'directory'>
  /** Where a symlink leads. */
  readonly target?: RawName
  readonly isWhiteout?: boolean
  /** Which inode it is, once that is written. */
  inode: number
  /** How many entries lead to it, once they are counted. */
  links: number
}

export interface Directory {
  readonly kind: 'directory'
  readonly parent: Directory | undefined
  readonly depth: number
  readonly entries: Map<RawName, Node>
  /** Undefined while nothing was said of it. */
  attributes: Attributes | undefined
  isOpaque: boolean
  /** Where its inode lies in the image, once that is planned. */
  offset: number
}

export type Node = Leaf | Directory

const longestName = 255
/** Directories inside one another: a path has 4,095 bytes, and symlinks could lead on from there. */
const deepest = 2048
/** Bytes that a layer's names may take in memory: 2.6 million files, or 700,000 directories. */
export const mostMemory = 768 * 1024 * 1024
/** Measured: what one takes until the image is finished, besides its name. */
const memoryOf = { leaf: 300, directory: 1100 } as const
/** As Linux follows them (path_resolution(7)). */
const mostSymlinks = 40

const fail = (message: string): never => {
  throw invalid(message)
}

const newDirectory = (parent?: Directory): Directory => {
  const depth = parent === undefined ? 0 : parent.depth + 1
  if (depth > deepest) fail('too many directories inside one another')
  return { kind: 'directory', parent, depth, entries: new Map(), attributes: undefined, isOpaque: false, offset: 0 }
}

/**
 * The names of a layer. Paths are looked up as a process would whose root is the layer's: symlinks of the same layer are
 * followed on the way, and stay inside.
 */
export class LayerTree {
  readonly root = newDirectory()
  /** The last directory that was asked for: tars go directory by directory. */
  #last: { readonly path: RawName; readonly directory: Directory } | undefined
  /** Bytes. */
  #room: number

  constructor(memory: number) {
    this.#room = memory
  }

  /** So many bytes are kept until the image is finished. Throws invalid when that is too much. */
  keep(bytes: number): void {
    this.#room -= bytes
    if (this.#room < 0) fail('too many files in a layer: their names take too much memory')
  }

  /** Undefined when there is no such directory. */
  find(path: RawName): Directory | undefined {
    if (this.#last?.path === path) return this.#last.directory
    const directory = this.#walk(path)
    this.#last = directory && { path, directory }
    return directory
  }

  /** Makes what is missing on the way. Throws invalid when something else is in the way: a file, a symlink to nowhere. */
  make(path: RawName): Directory {
    const there = this.find(path)
    if (there !== undefined) return there
    const { parent, name } = splitLast(path)
    return this.directoryIn(this.make(parent), name) ?? fail(`not a directory: ${toText(path)}`)
  }

  /** The directory of this name, made if nothing or a whiteout is there; undefined if something else is. */
  directoryIn(parent: Directory, name: RawName): Directory | undefined {
    const there = parent.entries.get(name)
    if (there?.kind === 'directory') return there
    if (there !== undefined && !there.isWhiteout) return undefined
    const made = this.replaceWithDirectory(parent, name)
    // What the whiteout hid must not show through.
    made.isOpaque = there !== undefined
    return made
  }

  replaceWithDirectory(parent: Directory, name: RawName): Directory {
    const made = newDirectory(parent)
    this.put(parent, name, made)
    return made
  }

  /** Whatever is there gives way. */
  put(parent: Directory, name: RawName, node: Node): void {
    if (name.length > longestName) fail(`file name too long: ${toText(name).slice(0, 300)}`)
    const target = node.kind === 'symlink' ? (node.target?.length ?? 0) : 0
    this.keep(memoryOf[node.kind === 'directory' ? 'directory' : 'leaf'] + name.length + target)
    if (!namesNoOther(parent.entries.get(name))) this.#last = undefined
    parent.entries.set(name, node)
  }

  #walk(path: RawName): Directory | undefined {
    let directory = this.root
    let followed = 0
    const names = path === '' ? [] : path.split('/').reverse()
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (name === '' || name === '.') continue
      const next: Node | undefined = name === '..' ? (directory.parent ?? this.root) : directory.entries.get(name)
      if (next?.kind === 'directory') directory = next
      else if (next?.target === undefined) return undefined
      else {
        if (++followed > mostSymlinks) fail(`too many levels of symbolic links: ${toText(path)}`)
        if (next.target.startsWith('/')) directory = this.root
        names.push(...next.target.split('/').reverse())
      }
    }
    return directory
  }
}

/** True when paths mean the same after this node was replaced. */
const namesNoOther = (node: Node | undefined): boolean => node?.kind !== 'directory' && node?.kind !== 'symlink'
