import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { posix } from 'node:path'
import { invalid } from '@slipway/core'
import { getXattr, listXattrs, mknod, setTimes, setXattr } from '@slipway/linux'
import { ignoreMatcher } from '../../dockerfile/ignore/matcher.ts'
import type { ModeChange } from './mode.ts'
import { type Owner, root as rootUser } from './owner.ts'
import { resolveInRoot } from './resolve.ts'
import { type Match, statOf, type Tree } from './select.ts'
import { type Found, walkMatch } from './walk.ts'

export interface CopyRequest {
  /** The root of the file system that is written to. */
  readonly root: string
  /** Absolute; a slash at the end says that it is a directory. */
  readonly destination: string
  readonly keepOwner: boolean
  readonly owner?: Owner
  readonly mode?: ModeChange
  readonly exclude: readonly string[]
  readonly parents: boolean
}

const parentMode = 0o755

/** Makes a directory and what is missing above it; the symlinks on the way stay inside the root. */
export const makeDirectories = (root: string, path: string, owner: Owner = rootUser): string => {
  const parts = path.split('/').filter((part) => part !== '')
  for (let length = 1; length <= parts.length; length++) {
    const here = resolveInRoot(root, parts.slice(0, length).join('/'), { followLast: true })
    const stat = statOf(here)
    if (stat?.isDirectory()) continue
    if (stat !== undefined) throw invalid(`cannot copy to non-directory: /${parts.slice(0, length).join('/')}`)
    // A dangling link can lead far away: what is missing above its target is made too.
    const above = posix.dirname(here)
    if (statOf(above) === undefined) makeDirectories(root, posix.relative(root, above), owner)
    mkdirSync(here, { mode: parentMode })
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
  /** Where the first name of a file with several went, by device and inode. */
  readonly #linked = new Map<string, string>()

  constructor(tree: Tree, request: CopyRequest, onEntry: () => void) {
    this.#tree = tree
    this.#request = request
    this.#onEntry = onEntry
  }

  copyAll(matches: readonly Match[]): void {
    for (const match of matches) this.#copyMatch(match)
  }

  /** The host path that a match is copied to, with everything above it made. */
  targetOf(match: Match): string {
    const { root, destination, owner, parents } = this.#request
    if (parents) return this.#targetWithParents(match)
    if (match.stat.isDirectory()) return makeDirectories(root, destination, owner)
    const existing = statOf(resolveInRoot(root, destination, { followLast: true }))
    if (destination.endsWith('/') || existing?.isDirectory()) {
      return posix.join(makeDirectories(root, destination, owner), match.name)
    }
    return posix.join(makeDirectories(root, posix.dirname(destination), owner), posix.basename(destination))
  }

  #targetWithParents({ relative, stat }: Match): string {
    const { root, destination, owner } = this.#request
    const kept = posix.join(destination, stat.isDirectory() ? relative : posix.dirname(relative))
    const directory = makeDirectories(root, kept, owner)
    return stat.isDirectory() ? directory : posix.join(directory, posix.basename(relative))
  }

  #copyMatch(match: Match): void {
    const target = this.targetOf(match)
    const directories: { readonly path: string; readonly found: Found }[] = []
    for (const found of walkMatch(this.#tree, match, ignoreMatcher(this.#request.exclude))) {
      this.#onEntry()
      const path = found.inner === '' ? target : `${target}/${found.inner}`
      // The destination itself is a directory already, and stays as it is.
      if (found.inner === '' && found.stat.isDirectory()) continue
      if (found.stat.isDirectory()) {
        this.#makeDirectory(path)
        directories.push({ path, found })
      } else {
        this.#copyEntry(found, path)
        if (!this.#isLink(found, path)) this.#copyMetadata(found, path)
      }
    }
    // Last, and from the inside out: putting files in changes a directory's time, and its mode may forbid it.
    for (const { path, found } of directories.reverse()) this.#copyMetadata(found, path)
  }

  #makeDirectory(path: string): void {
    const existing = statOf(path)
    if (existing?.isDirectory()) return
    if (existing !== undefined) throw invalid(`cannot copy to non-directory: ${this.#shown(path)}`)
    mkdirSync(path, { mode: 0o700 })
  }

  #shown(path: string): string {
    return `/${posix.relative(this.#request.root, path)}`
  }

  #isLink(found: Found, path: string): boolean {
    const first = this.#linked.get(inodeOf(found))
    return first !== undefined && first !== path
  }

  #copyEntry(found: Found, path: string): void {
    const existing = statOf(path)
    if (existing?.isDirectory()) throw invalid(`cannot replace to directory ${this.#shown(path)} with file`)
    if (existing !== undefined) rmSync(path)
    const { stat } = found
    const first = this.#linked.get(inodeOf(found))
    if (first !== undefined) linkSync(first, path)
    else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(found.path), path)
    else if (stat.isFile()) copyFileSync(found.path, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    else mknod(path, Number(stat.mode), stat.rdev)
    if (first === undefined && stat.nlink > 1n) this.#linked.set(inodeOf(found), path)
  }

  #copyMetadata({ path: from, stat }: Found, path: string): void {
    const { keepOwner, owner, mode } = this.#request
    const { uid, gid } = owner ?? (keepOwner ? { uid: Number(stat.uid), gid: Number(stat.gid) } : rootUser)
    lchownSync(path, uid, gid)
    if (!stat.isSymbolicLink()) {
      const permissions = Number(stat.mode) & 0o7777
      // After the owner: chown takes setuid and file capabilities away.
      chmodSync(path, mode === undefined ? permissions : mode(permissions, stat.isDirectory()))
      if (keepOwner) for (const name of listXattrs(from)) copyXattr(from, path, name)
    }
    setTimes(path, { atimeNs: stat.mtimeNs, mtimeNs: stat.mtimeNs })
  }
}

const inodeOf = ({ stat }: Found): string => `${stat.dev}:${stat.ino}`

const copyXattr = (from: string, to: string, name: string): void => {
  const value = getXattr(from, name)
  if (value !== undefined) setXattr(to, name, value)
}
