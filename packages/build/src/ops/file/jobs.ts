import { chmodSync, lchownSync, writeFileSync } from 'node:fs'
import { posix } from 'node:path'
import type { Digest } from '@slipway/core'
import { setTimes } from '@slipway/linux'
import { Copier, makeDirectories } from './copy.ts'
import { type HashRequest, hashSources } from './hash.ts'
import { parseMode } from './mode.ts'
import { resolveOwner } from './owner.ts'
import { resolveInRoot } from './resolve.ts'
import { openTree, selectSources, statOf } from './select.ts'

/** Where files are taken from, in words that can be sent to a thread. */
export interface TreeRequest {
  readonly root: string
  readonly ignore: readonly string[]
  readonly isContext: boolean
}

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
  /** Host paths of sources that are not copied but unpacked, by the caller. */
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

/** Work on files that would hold the event loop up. All of it is synchronous and runs in a thread. */
export type FileJob = CopyJob | WriteJob | MakeDirectoryJob | HashJob | SelectJob

export interface FileJobResult {
  readonly digest?: Digest
  readonly files?: readonly string[]
}

const heredocMode = 0o644

const copyFiles = (job: CopyJob, onEntry: () => void): void => {
  const { tree, archives, owner, mode, ...request } = job
  const opened = openTree(tree.root, tree.ignore, tree.isContext)
  const matches = selectSources(opened, job.paths).filter(({ path }) => !archives.includes(path))
  const copier = new Copier(
    opened,
    {
      ...request,
      ...(owner === undefined ? {} : { owner: resolveOwner(job.root, owner) }),
      ...(mode === undefined ? {} : { mode: parseMode(mode) }),
    },
    onEntry,
  )
  copier.copyAll(matches)
}

const writeHeredoc = ({ root, name, content, destination, owner, mode }: WriteJob): void => {
  const { uid, gid } = owner === undefined ? { uid: 0, gid: 0 } : resolveOwner(root, owner)
  const existing = statOf(resolveInRoot(root, destination, { followLast: true }))
  const intoDirectory = destination.endsWith('/') || existing?.isDirectory() === true
  const path = intoDirectory
    ? posix.join(makeDirectories(root, destination, { uid, gid }), posix.basename(name))
    : posix.join(makeDirectories(root, posix.dirname(destination), { uid, gid }), posix.basename(destination))
  const target = resolveInRoot(root, posix.relative(root, path), { followLast: true })
  writeFileSync(target, content, { mode: 0o600 })
  lchownSync(target, uid, gid)
  chmodSync(target, mode === undefined ? heredocMode : parseMode(mode)(heredocMode, false))
  // A time that doesn't depend on when it was built.
  setTimes(target, { atimeNs: 0n, mtimeNs: 0n })
}

const makeOneDirectory = ({ root, path, owner }: MakeDirectoryJob): void => {
  const existing = statOf(resolveInRoot(root, path, { followLast: true }))
  const made = makeDirectories(root, path)
  if (existing !== undefined || owner === undefined || owner === '') return
  const { uid, gid } = resolveOwner(root, owner)
  lchownSync(made, uid, gid)
}

const selectFiles = ({ tree, paths }: SelectJob): readonly string[] =>
  selectSources(openTree(tree.root, tree.ignore, tree.isContext), paths)
    .filter(({ stat }) => stat.isFile())
    .map(({ path }) => path)

/** `onEntry` is called now and then, and may throw to stop the work. */
export const runFileJob = (job: FileJob, onEntry: () => void): FileJobResult => {
  switch (job.kind) {
    case 'copy':
      copyFiles(job, onEntry)
      return {}
    case 'write':
      writeHeredoc(job)
      return {}
    case 'makeDirectory':
      makeOneDirectory(job)
      return {}
    case 'hash': {
      const tree = openTree(job.tree.root, job.tree.ignore, job.tree.isContext)
      return { digest: hashSources(tree, job, onEntry) }
    }
    case 'select':
      return { files: selectFiles(job) }
  }
}
