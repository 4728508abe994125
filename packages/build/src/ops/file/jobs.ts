import { chmodSync, lchownSync, lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Digest, invalid } from '@slipway/core'
import { setTimes } from '@slipway/linux'
import { clampTimes } from './clamp.ts'
import { Copier, makeDirectories } from './copy.ts'
import { DirectoryTimes } from './directory-times.ts'
import { type HashRequest, hashSources } from './hash.ts'
import { linkTree } from './link.ts'
import { parseMode } from './mode.ts'
import { resolveOwner } from './owner.ts'
import { resolveInRoot } from './resolve.ts'
import { openTree, selectSources, type TreeRequest } from './select.ts'
import { statOf } from './tree/disk.ts'
import { type FilePart, findNode } from './tree/node.ts'
import { closeReceived } from './tree/received.ts'
import { closeTar } from './tree/tar.ts'

export interface CopyJob {
  readonly kind: 'copy'
  readonly tree: TreeRequest
  readonly root: string
  readonly paths: readonly string[]
  readonly destination: string
  readonly keepOwner: boolean
  /** `user[:group]` as the file system at `root` names them. */
  readonly owner?: string
  readonly mode?: string
  readonly exclude: readonly string[]
  readonly parents: boolean
  /** Sources that are not copied but unpacked, by the caller; by their paths in the tree. */
  readonly archives: readonly string[]
}

export interface WriteJob {
  readonly kind: 'write'
  readonly root: string
  readonly name: string
  readonly content: string
  readonly destination: string
  readonly owner?: string
  readonly mode?: string
}

export interface MakeDirectoryJob {
  readonly kind: 'makeDirectory'
  readonly root: string
  readonly path: string
  readonly owner?: string
}

export type HashJob = HashRequest & { readonly kind: 'hash'; readonly tree: TreeRequest }
/** The regular files among the sources: what ADD may have to unpack. */
export interface SelectJob {
  readonly kind: 'select'
  readonly tree: TreeRequest
  readonly paths: readonly string[]
}

/** The text of a small file. */
export interface ReadJob {
  readonly kind: 'read'
  readonly tree: TreeRequest
  readonly path: string
  /** Bytes; more is invalid. */
  readonly most: number
}

/** Removes a directory, and tells the bytes it held on the disk. */
export interface RemoveJob {
  readonly kind: 'remove'
  readonly path: string
}

/** Makes nothing below `root`, itself included, younger than `newest`: seconds since 1970. */
export interface ClampJob {
  readonly kind: 'clamp'
  readonly root: string
  readonly newest: number
}

/** Gives the tree below `from` a second place below `to`, on the same file system. */
export interface LinkJob {
  readonly kind: 'link'
  readonly from: string
  readonly to: string
}

/** Work on files that would hold the event loop up. All of it is synchronous and runs in a thread. */
export type FileJob =
  | CopyJob
  | WriteJob
  | MakeDirectoryJob
  | HashJob
  | SelectJob
  | ReadJob
  | RemoveJob
  | ClampJob
  | LinkJob

export interface FileJobResult {
  readonly digest?: Digest
  readonly files?: readonly SelectedFile[]
  readonly text?: string
  /** Bytes. */
  readonly size?: number
}

/** A regular file among the sources. */
export interface SelectedFile {
  readonly relative: string
  readonly part: FilePart
}

const heredocMode = 0o644

/** Runs `body` with what remembers the times of the directories that it changes. */
const keepingTimes = (body: (times: DirectoryTimes) => void): void => {
  const times = new DirectoryTimes()
  body(times)
  times.restore()
}

const copyFiles = (job: CopyJob, onEntry: () => void): void => {
  const tree = openTree(job.tree, onEntry)
  const matches = selectSources(tree, job.paths, job).filter(({ relative }) => !job.archives.includes(relative))
  const owner = job.owner === undefined ? undefined : resolveOwner(job.root, job.owner)
  const mode = job.mode === undefined ? undefined : parseMode(job.mode)
  keepingTimes((times) => new Copier(tree, { ...job, owner, mode, times }, onEntry).copyAll(matches))
}

const writeHeredoc = ({ root, name, content, destination, owner, mode }: WriteJob, times: DirectoryTimes): void => {
  const { uid, gid } = owner === undefined ? { uid: 0, gid: 0 } : resolveOwner(root, owner)
  const existing = statOf(resolveInRoot(root, destination, { followLast: true }))
  const intoDirectory = destination.endsWith('/') || existing?.isDirectory() === true
  const parents = { root, times, owner: { uid, gid } }
  const directory = makeDirectories(parents, intoDirectory ? destination : posix.dirname(destination))
  const path = posix.join(directory, posix.basename(intoDirectory ? name : destination))
  const target = resolveInRoot(root, posix.relative(root, path), { followLast: true })
  times.willChange(posix.dirname(target))
  writeFileSync(target, content, { mode: 0o600 })
  lchownSync(target, uid, gid)
  chmodSync(target, mode === undefined ? heredocMode : parseMode(mode)(heredocMode, false))
  // A time that doesn't depend on when it was built.
  setTimes(target, { atimeNs: 0n, mtimeNs: 0n })
}

const makeOneDirectory = ({ root, path, owner }: MakeDirectoryJob, times: DirectoryTimes): void => {
  const existing = statOf(resolveInRoot(root, path, { followLast: true }))
  const made = makeDirectories({ root, times }, path)
  if (existing !== undefined || owner === undefined || owner === '') return
  const { uid, gid } = resolveOwner(root, owner)
  lchownSync(made, uid, gid)
}

const selectFiles = ({ tree, paths }: SelectJob, onEntry: () => void): readonly SelectedFile[] =>
  selectSources(openTree(tree, onEntry), paths)
    .filter(({ node }) => node.kind === 'file')
    .map(({ relative, node }) => ({ relative, part: node.part() }))

const readText = ({ tree, path, most }: ReadJob, onEntry: () => void): string | undefined => {
  const node = findNode(openTree(tree, onEntry).top, path, { followLast: true })
  if (node?.kind !== 'file') return undefined
  if (node.size > most) throw invalid(`${path} is larger than ${most} bytes`)
  return node.read().toString()
}

const diskBlock = 512

const bytesIn = (path: string): number =>
  readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const inside = join(path, entry.name)
    return sum + (entry.isDirectory() ? bytesIn(inside) : lstatSync(inside).blocks * diskBlock)
  }, 0)

const removeTree = ({ path }: RemoveJob): number => {
  const bytes = bytesIn(path)
  rmSync(path, { recursive: true, force: true })
  return bytes
}

/** `onEntry` is called now and then, and may throw to stop the work. */
export const runFileJob = (job: FileJob, onEntry: () => void): FileJobResult => {
  try {
    return perform(job, onEntry)
  } finally {
    closeTar()
    closeReceived()
  }
}

const perform = (job: FileJob, onEntry: () => void): FileJobResult => {
  switch (job.kind) {
    case 'copy':
      copyFiles(job, onEntry)
      return {}
    case 'write':
      keepingTimes((times) => writeHeredoc(job, times))
      return {}
    case 'makeDirectory':
      keepingTimes((times) => makeOneDirectory(job, times))
      return {}
    case 'hash':
      return { digest: hashSources(openTree(job.tree, onEntry), job, onEntry) }
    case 'select':
      return { files: selectFiles(job, onEntry) }
    case 'clamp':
      clampTimes(job.root, BigInt(job.newest) * 1_000_000_000n, onEntry)
      return {}
    case 'link':
      linkTree(job.from, job.to, onEntry)
      return {}
    case 'remove':
      return { size: removeTree(job) }
    case 'read': {
      const text = readText(job, onEntry)
      return text === undefined ? {} : { text }
    }
  }
}
