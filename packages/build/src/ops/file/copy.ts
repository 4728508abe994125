import { type BigIntStats, chmodSync, lchownSync, linkSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { hasErrno, invalid } from '@slipway/core'
import { mknod, setTimes, setXattr } from '@slipway/linux'
import { ignoreMatcher } from '../../dockerfile/ignore/matcher.ts'
import type { DirectoryTimes } from './directory-times.ts'
import type { ModeChange } from './mode.ts'
import { type Owner, root as rootUser } from './owner.ts'
import { resolveInRoot } from './resolve.ts'
import type { Match, Tree } from './select.ts'
import { statOf } from './tree/disk.ts'
import type { Node } from './tree/node.ts'
import { walkMatch } from './walk.ts'

export interface CopyRequest {
  /** The root of the file system that is written to. */
  readonly root: string
  /** Absolute; a slash at the end says that it is a directory. */
  readonly destination: string
  readonly keepOwner: boolean
  readonly owner?: Owner | undefined
  readonly mode?: ModeChange | undefined
  readonly exclude: readonly string[]
  readonly parents: boolean
  /** Gives the directories around what is copied their times. */
  readonly times: DirectoryTimes
}

const parentMode = 0o755
const setGroupId = 0o2000n
/** The permissions that a file can be opened with, under whatever umask is usual. */
const openMode = 0o755

/** Where directories are made. */
export interface Parents {
  readonly root: string
  readonly times: DirectoryTimes
  readonly owner?: Owner | undefined
}

/** Makes a directory and what is missing above it; the symlinks on the way stay inside the root. Its path on the host. */
export const makeDirectories = (parents: Parents, path: string): string => {
  const { root, times, owner = rootUser } = parents
  const parts = path.split('/').filter((part) => part !== '')
  for (let length = 1; length <= parts.length; length++) {
    const here = resolveInRoot(root, parts.slice(0, length).join('/'), { followLast: true })
    const stat = statOf(here)
    if (stat?.isDirectory()) continue
    if (stat !== undefined) throw invalid(`cannot copy to non-directory: /${parts.slice(0, length).join('/')}`)
    // A dangling link can lead far away: what is missing above its target is made too.
    const above = posix.dirname(here)
    if (statOf(above) === undefined) makeDirectories(parents, posix.relative(root, above))
    times.willChange(above)
    mkdirSync(here, { mode: parentMode })
    times.wasMade(here)
    chmodSync(here, parentMode)
    lchownSync(here, owner.uid, owner.gid)
  }
  return resolveInRoot(root, path, { followLast: true })
}

/** Copies matches into a file system; one object for one instruction, so that hard links between its files are kept. */
export class Copier {
  readonly #tree: Tree
  readonly #request: CopyRequest
  readonly #onEntry: () => void
  /** Where the first name of a file with several went, by the file's identity. */
  readonly #linked = new Map<string, string>()
  /** What root makes is root's, unless a directory gives its group to what is put into it. */
  #isRootsOwn = process.geteuid?.() === 0 && process.getegid?.() === 0

  constructor(tree: Tree, request: CopyRequest, onEntry: () => void) {
    this.#tree = tree
    this.#request = request
    this.#onEntry = onEntry
  }

  copyAll(matches: readonly Match[]): void {
    for (const match of matches) this.#copyMatch(match)
  }

  /** The host path that a match is copied to, with everything above it made. */
  #targetOf(match: Match): string {
    const { root, destination, parents } = this.#request
    if (parents) return this.#targetWithParents(match)
    if (match.node.kind === 'directory') return makeDirectories(this.#request, destination)
    const existing = statOf(resolveInRoot(root, destination, { followLast: true }))
    if (destination.endsWith('/') || existing?.isDirectory()) {
      return posix.join(makeDirectories(this.#request, destination), match.name)
    }
    return posix.join(makeDirectories(this.#request, posix.dirname(destination)), posix.basename(destination))
  }

  #targetWithParents({ kept: path, node }: Match): string {
    const isDirectory = node.kind === 'directory'
    const kept = posix.join(this.#request.destination, isDirectory ? path : posix.dirname(path))
    const directory = makeDirectories(this.#request, kept)
    return isDirectory ? directory : posix.join(directory, posix.basename(path))
  }

  #copyMatch(match: Match): void {
    const target = this.#targetOf(match)
    const around = match.node.kind === 'directory' ? target : posix.dirname(target)
    this.#request.times.willChange(around)
    this.#noticeGroup(statOf(around))
    const directories: { readonly path: string; readonly node: Node }[] = []
    for (const { inner, node } of walkMatch(this.#tree, match, ignoreMatcher(this.#request.exclude))) {
      this.#onEntry()
      const path = inner === '' ? target : `${target}/${inner}`
      // The destination itself is a directory already, and stays as it is.
      if (inner === '' && node.kind === 'directory') continue
      if (node.kind === 'directory') {
        this.#makeDirectory(path)
        directories.push({ path, node })
      } else if (this.#copyEntry(node, path)) this.#copyMetadata(node, path)
    }
    // Last, and from the inside out: putting files in changes a directory's time, and its mode may forbid it.
    for (const { path, node } of directories.reverse()) this.#copyMetadata(node, path)
  }

  #makeDirectory(path: string): void {
    const existing = statOf(path)
    this.#noticeGroup(existing)
    if (existing?.isDirectory()) return
    if (existing !== undefined) throw invalid(`cannot copy to non-directory: ${this.#shown(path)}`)
    mkdirSync(path, { mode: 0o700 })
  }

  #noticeGroup(directory: BigIntStats | undefined): void {
    if (((directory?.mode ?? 0n) & setGroupId) !== 0n) this.#isRootsOwn = false
  }

  #shown(path: string): string {
    return `/${posix.relative(this.#request.root, path)}`
  }

  /** False: it is another name of a file that was copied before. */
  #copyEntry(node: Node, path: string): boolean {
    const first = node.identity === '' ? undefined : this.#linked.get(node.identity)
    if (first === path) return false
    try {
      this.#makeEntry(node, path, first)
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error
      if (statOf(path)?.isDirectory()) {
        throw invalid(`cannot replace to directory ${this.#shown(path)} with file`)
      }
      rmSync(path)
      this.#makeEntry(node, path, first)
    }
    if (first === undefined && node.identity !== '') this.#linked.set(node.identity, path)
    return first === undefined
  }

  #makeEntry(node: Node, path: string, first: string | undefined): void {
    if (first !== undefined) linkSync(first, path)
    else if (node.kind === 'symlink') symlinkSync(node.target(), path)
    else if (node.kind === 'file') node.writeTo(path, this.#modeOf(node) & openMode)
    else mknod(path, node.device.format | 0o600, node.device.number)
  }

  #modeOf(node: Node): number {
    const { mode } = this.#request
    return mode === undefined ? node.mode : mode(node.mode, node.kind === 'directory')
  }

  /** Of each call that can be spared there are as many as files. */
  #copyMetadata(node: Node, path: string): void {
    const { keepOwner, owner } = this.#request
    const { uid, gid } = owner ?? (keepOwner ? node : rootUser)
    const isFresh = node.kind !== 'file' || node.writesPlain
    if (!isFresh || !this.#isRootsOwn || uid !== 0 || gid !== 0) lchownSync(path, uid, gid)
    if (node.kind !== 'symlink') {
      // After the owner: chown takes setuid and file capabilities away.
      const mode = this.#modeOf(node)
      if (node.kind !== 'file' || !node.writesPlain || (mode & openMode) !== mode) chmodSync(path, mode)
      if (keepOwner) for (const [name, value] of node.xattrs()) setXattr(path, name, value)
    }
    setTimes(path, { atimeNs: node.mtimeNs, mtimeNs: node.mtimeNs })
  }
}
