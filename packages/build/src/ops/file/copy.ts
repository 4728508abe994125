import { posix } from 'node:path'
import { ignoreMatcher, invalid } from '@slipway/core'
import type { ModeChange } from './mode.ts'
import { type Owner, root as rootUser } from './owner.ts'
import { resolveIn } from './resolve.ts'
import type { Match, Tree } from './select.ts'
import { type Metadata, noXattrs, type Target } from './target/target.ts'
import type { Node } from './tree/node.ts'
import { walkMatch } from './walk.ts'

export interface CopyRequest {
  /** Absolute; a slash at the end says that it is a directory. */
  readonly destination: string
  readonly keepOwner: boolean
  readonly owner?: Owner | undefined
  readonly mode?: ModeChange | undefined
  /** Of the directories that have to be made above what is copied. */
  readonly madeMode?: number | undefined
  readonly exclude: readonly string[]
  readonly parents: boolean
}

/**
 * Makes a directory and what is missing above it; the symlinks on the way stay inside the root. Returns its path without them.
 * `onMade` is told of each.
 */
export const makeDirectories = (
  target: Target,
  path: string,
  owner: Owner = rootUser,
  onMade: (path: string) => void = () => undefined,
): string => {
  const parts = path.split('/').filter((part) => part !== '')
  for (let length = 1; length <= parts.length; length++) {
    const typed = `/${parts.slice(0, length).join('/')}`
    const here = resolveIn(target, typed, { followLast: true })
    const kind = target.kindAt(here)
    if (kind === 'directory') continue
    if (kind !== undefined) throw invalid(`mkdir ${typed}: not a directory`)
    // A dangling link can lead far away: what is missing above its target is made too.
    const above = posix.dirname(here)
    if (target.kindAt(above) === undefined) makeDirectories(target, above, owner, onMade)
    target.makeDirectory(here, owner)
    onMade(here)
  }
  return resolveIn(target, path, { followLast: true })
}

/** As in BuildKit, a mode that is a number is for the directories that had to be made, too; one in words isn't. */
export const setModeOfMade = (
  target: Target,
  made: Iterable<string>,
  mode: number | undefined,
  owner: Owner = rootUser,
): void => {
  if (mode === undefined) return
  const metadata = { ...owner, mode, mtimeNs: 0n, xattrs: noXattrs }
  for (const path of made) target.setMetadata(path, metadata)
}

/** Copies matches into a file system; one object for one instruction, so that hard links between its files are kept. */
export class Copier {
  readonly #target: Target
  readonly #request: CopyRequest
  readonly #onEntry: () => void
  /** Where the first name of a file with several went, by the file's identity. */
  readonly #linked = new Map<string, string>()
  /** The directories that weren't there, above what is copied. */
  readonly #made = new Set<string>()

  constructor(target: Target, request: CopyRequest, onEntry: () => void) {
    this.#target = target
    this.#request = request
    this.#onEntry = onEntry
  }

  copyAll(tree: Tree, matches: readonly Match[]): void {
    for (const match of matches) this.#copyMatch(tree, match)
    this.#setModesOfMade()
  }

  /** For who copies what is in a directory himself: makes the directory that it goes to. */
  makeDestination(): string {
    const place = this.#placeOfDirectory()
    this.#setModesOfMade()
    return place
  }

  /** Where a match is copied to, with everything above it made. */
  #placeOf(match: Match): string {
    const { destination, parents } = this.#request
    if (parents) return this.#placeWithParents(match)
    if (match.node.kind === 'directory') return this.#placeOfDirectory()
    // A link to a file is written through, as is one that leads nowhere.
    const resolved = resolveIn(this.#target, destination, { followLast: true })
    if (destination.endsWith('/') || this.#target.kindAt(resolved) === 'directory') {
      return posix.join(this.#makeDirectories(destination), match.name)
    }
    return posix.join(this.#makeDirectories(posix.dirname(resolved)), posix.basename(resolved))
  }

  #placeOfDirectory(): string {
    const { destination } = this.#request
    const existing = this.#target.kindAt(resolveIn(this.#target, destination, { followLast: true }))
    if (existing !== undefined && existing !== 'directory' && !destination.endsWith('/')) {
      throw invalid(`cannot copy to non-directory: ${destination}`)
    }
    return this.#makeDirectories(destination)
  }

  #placeWithParents({ kept: path, node }: Match): string {
    const isDirectory = node.kind === 'directory'
    const directory = this.#makeDirectories(
      posix.join(this.#request.destination, isDirectory ? path : posix.dirname(path)),
    )
    return isDirectory ? directory : posix.join(directory, posix.basename(path))
  }

  #makeDirectories(path: string): string {
    return makeDirectories(this.#target, path, this.#request.owner, (made) => this.#made.add(made))
  }

  #setModesOfMade(): void {
    setModeOfMade(this.#target, this.#made, this.#request.madeMode, this.#request.owner)
  }

  #copyMatch(tree: Tree, match: Match): void {
    const place = this.#placeOf(match)
    const { parents } = this.#request
    const exclude = ignoreMatcher(this.#request.exclude)
    const directories: { readonly path: string; readonly node: Node }[] = []
    walkMatch(tree, match, { exclude, top: parents ? match.kept : '' }, ({ inner, node }) => {
      this.#onEntry()
      const path = inner === '' ? place : `${place === '/' ? '' : place}/${inner}`
      if (node.kind !== 'directory') this.#copyEntry(path, node)
      // The destination itself is a directory already, and stays as it is.
      else if (inner !== '') {
        this.#makeDirectory(path)
        directories.push({ path, node })
      }
    })
    // Last, and from the inside out: a directory's mode may forbid that something is put into it.
    for (const { path, node } of directories.reverse()) this.#target.setMetadata(path, this.metadataOf(node))
  }

  #makeDirectory(path: string): void {
    const existing = this.#target.kindAt(path)
    if (existing === 'directory') return
    if (existing !== undefined) throw invalid(`cannot copy to non-directory: ${path}`)
    this.#target.makeDirectory(path, rootUser)
  }

  #copyEntry(path: string, node: Node): void {
    const first = node.identity === '' ? undefined : this.#linked.get(node.identity)
    if (first === path) return
    if (first !== undefined) this.#target.link(first, path)
    else this.#target.put(path, node, this.metadataOf)
    if (first === undefined && node.identity !== '') this.#linked.set(node.identity, path)
  }

  /** What a copy of a file is. */
  readonly metadataOf = (node: Node): Metadata => {
    const { keepOwner, owner, mode } = this.#request
    const { uid, gid } = owner ?? (keepOwner ? node : rootUser)
    const xattrs = keepOwner && node.kind !== 'symlink' ? node.xattrs() : noXattrs
    const changed = mode === undefined ? node.mode : mode(node.mode, node.kind === 'directory')
    return { uid, gid, mode: changed, mtimeNs: node.mtimeNs, xattrs }
  }
}
