import { readlinkSync } from 'node:fs'
import { invalid } from '@slipway/core'
import { isWhiteoutName, readXattrs } from '@slipway/store'
import type { Owner } from '../owner.ts'
import { kindOf, statOf } from '../tree/disk.ts'
import type { Node, NodeKind } from '../tree/node.ts'
import { type Metadata, type MetadataOf, noXattrs, refuseDirectory, type Target } from './target.ts'

export interface PlannedDirectory {
  readonly kind: 'directory'
  readonly entries: Map<string, Planned>
  metadata: Metadata
  /** What isn't among the entries may be in the file system below. */
  readonly isBelow: boolean
}

/** The same object under each name of a file that has several. */
export interface PlannedLeaf {
  readonly kind: Exclude<NodeKind, 'directory'>
  readonly node: Node
  /** Thirty thousand of them wait to be packed: what they are is found out then. */
  readonly metadataOf: MetadataOf
}

export type Planned = PlannedDirectory | PlannedLeaf

const directoryMode = 0o755
/** Absolute, and without a slash at the end. */
const splitPath = (path: string): { readonly above: string; readonly name: string } => {
  const slash = path.lastIndexOf('/')
  return { above: slash > 0 ? path.slice(0, slash) : '/', name: path.slice(slash + 1) }
}

const namesIn = (path: string): readonly string[] => path.split('/').filter((name) => name !== '')

/**
 * What a step puts on top of a file system, as the layer that it becomes (see `layerTar`): nothing is written, contents are
 * read when they are packed. A directory from below is part of it, as it is there, once something in it is.
 */
export class LayerTarget implements Target {
  readonly top: PlannedDirectory
  readonly #below: string
  /** The last directory that was asked for: trees are copied directory by directory. */
  #last: { readonly path: string; readonly directory: PlannedDirectory } | undefined

  /** `below` is only read, and nobody changes it meanwhile. */
  constructor(below: string) {
    this.#below = below
    this.top = this.#fromBelow('')
  }

  kindAt(path: string): NodeKind | undefined {
    const planned = this.#find(path)
    if (planned !== 'below') return planned?.kind
    const stat = statOf(this.#below + path)
    return stat && kindOf(stat)
  }

  linkAt(path: string): string | undefined {
    if (this.kindAt(path) !== 'symlink') return undefined
    const planned = this.#find(path)
    if (planned === 'below') return readlinkSync(this.#below + path)
    return planned?.kind === 'symlink' ? planned.node.target() : undefined
  }

  makeDirectory(path: string, { uid, gid }: Owner): void {
    const metadata = { uid, gid, mode: directoryMode, mtimeNs: 0n, xattrs: noXattrs }
    this.#enter(path, { kind: 'directory', entries: new Map(), metadata, isBelow: false })
  }

  /** A directory that is there becomes part of the layer. */
  include(path: string): void {
    this.#directoryAt(path)
  }

  setMetadata(path: string, metadata: Metadata): void {
    const directory = this.#directoryAt(path)
    directory.metadata = { ...metadata, xattrs: new Map([...directory.metadata.xattrs, ...metadata.xattrs]) }
  }

  put(path: string, node: Node, metadataOf: MetadataOf): void {
    if (node.kind === 'directory' || this.kindAt(path) === 'directory') refuseDirectory(path)
    else this.#enter(path, { kind: node.kind, node, metadataOf })
  }

  link(first: string, path: string): void {
    const leaf = this.#find(first)
    if (leaf === undefined || leaf === 'below' || leaf.kind === 'directory') throw invalid(`no file to link: ${first}`)
    if (this.kindAt(path) === 'directory') refuseDirectory(path)
    this.#enter(path, leaf)
  }

  #enter(path: string, planned: Planned): void {
    const { above, name } = splitPath(path)
    if (isWhiteoutName(name)) throw invalid(`no file in a layer can have the name of a whiteout: ${path}`)
    this.#directoryAt(above).entries.set(name, planned)
  }

  /** What was put there. `below`: nothing was, and what is below shows. */
  #find(path: string): Planned | undefined | 'below' {
    const { above, name } = splitPath(path)
    if (name !== '' && this.#last?.path === above) {
      const { entries, isBelow } = this.#last.directory
      return entries.get(name) ?? (isBelow ? 'below' : undefined)
    }
    let here: Planned = this.top
    for (const name of namesIn(path)) {
      if (here.kind !== 'directory') return undefined
      const next: Planned | undefined = here.entries.get(name)
      if (next === undefined) return here.isBelow ? 'below' : undefined
      here = next
    }
    return here
  }

  /** A directory that is there, as part of the layer. */
  #directoryAt(path: string): PlannedDirectory {
    if (this.#last?.path === path) return this.#last.directory
    let here = this.top
    let at = ''
    for (const name of namesIn(path)) {
      at += `/${name}`
      let next = here.entries.get(name)
      if (next === undefined) {
        next = this.#fromBelow(at)
        here.entries.set(name, next)
      }
      if (next.kind !== 'directory') throw invalid(`not a directory: ${at}`)
      here = next
    }
    this.#last = { path, directory: here }
    return here
  }

  #fromBelow(path: string): PlannedDirectory {
    const here = this.#below + path
    const stat = statOf(here)
    if (stat?.isDirectory() !== true) throw invalid(`not a directory: ${path}`)
    const [uid, gid, mode] = [Number(stat.uid), Number(stat.gid), Number(stat.mode) & 0o7777]
    const metadata = { uid, gid, mode, mtimeNs: stat.mtimeNs, xattrs: readXattrs(here) }
    return { kind: 'directory', entries: new Map(), metadata, isBelow: true }
  }
}
