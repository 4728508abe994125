import { posix } from 'node:path'
import { Copier, type CopyRequest, makeDirectories, setModeOfMade } from './copy.ts'
import { fixedMode, parseMode } from './mode.ts'
import { resolveOwner, root as rootUser } from './owner.ts'
import { resolveIn } from './resolve.ts'
import { openTree, selectSources, type TreeRequest } from './select.ts'
import { noXattrs, type Target } from './target/target.ts'
import { textNode } from './tree/text.ts'

export interface CopyChange {
  readonly kind: 'copy'
  readonly tree: TreeRequest
  readonly paths: readonly string[]
  /** Absolute; a slash at the end says that it is a directory. */
  readonly destination: string
  readonly keepOwner: boolean
  /** `user[:group]` as the file system that is changed names them. */
  readonly owner?: string
  readonly ownerMustExist?: true
  /** `0644` or `u=rwX`. */
  readonly mode?: string
  readonly exclude: readonly string[]
  readonly parents: boolean
  /** Sources that are not copied but unpacked, by the caller; by their paths in the tree. */
  readonly archives: readonly string[]
}

export interface WriteChange {
  readonly kind: 'write'
  readonly name: string
  readonly content: string
  readonly destination: string
  readonly owner?: string
  readonly ownerMustExist?: true
  readonly mode?: string
}

export interface MakeDirectoryChange {
  readonly kind: 'makeDirectory'
  readonly path: string
  /** Gets the directory, and what is missing above it. */
  readonly owner?: string
  readonly ownerMustExist?: true
}

/** What a step does to the files of an image. */
export type Change = CopyChange | WriteChange | MakeDirectoryChange

/** Where a change is made. */
export interface Place {
  readonly target: Target
  /** A directory of this machine that shows the file system: who its users are. */
  readonly root: string
  /** Called for every file, and may throw to stop. */
  readonly onEntry: () => void
}

type Copied = Omit<CopyRequest, 'owner' | 'mode' | 'madeMode'> & Pick<CopyChange, 'owner' | 'ownerMustExist' | 'mode'>

/** With the words of the instruction understood. */
export const copierOf = (asked: Copied, { target, root, onEntry }: Place): Copier => {
  const owner = asked.owner === undefined ? undefined : resolveOwner(root, asked.owner, asked.ownerMustExist)
  const mode = asked.mode === undefined ? undefined : parseMode(asked.mode)
  const madeMode = asked.mode === undefined ? undefined : fixedMode(asked.mode)
  return new Copier(target, { ...asked, owner, mode, madeMode }, onEntry)
}

const copyFiles = (change: CopyChange, place: Place): void => {
  const tree = openTree(change.tree, place.onEntry)
  const matches = selectSources(tree, change.paths, change).filter(
    ({ relative }) => !change.archives.includes(relative),
  )
  copierOf(change, place).copyAll(tree, matches)
}

const heredocMode = 0o644

const writeHeredoc = (
  { name, content, destination, owner, ownerMustExist, mode }: WriteChange,
  { target, root }: Place,
): void => {
  const given = owner === undefined ? rootUser : resolveOwner(root, owner, ownerMustExist)
  const existing = target.kindAt(resolveIn(target, destination, { followLast: true }))
  const intoDirectory = destination.endsWith('/') || existing === 'directory'
  const made: string[] = []
  const above = intoDirectory ? destination : posix.dirname(destination)
  const directory = makeDirectories(target, above, given, (each) => made.push(each))
  const path = posix.join(directory, posix.basename(intoDirectory ? name : destination))
  // A time that doesn't depend on when it was built.
  const metadata = {
    ...given,
    mode: mode === undefined ? heredocMode : parseMode(mode)(heredocMode, false),
    mtimeNs: 0n,
  }
  target.put(resolveIn(target, path, { followLast: true }), textNode(content), () => ({
    ...metadata,
    xattrs: noXattrs,
  }))
  setModeOfMade(target, made, mode === undefined ? undefined : fixedMode(mode), given)
}

const makeOneDirectory = ({ path, owner, ownerMustExist }: MakeDirectoryChange, { target, root }: Place): void => {
  if (target.kindAt(resolveIn(target, path, { followLast: true })) === 'directory') return
  makeDirectories(
    target,
    path,
    owner === undefined || owner === '' ? rootUser : resolveOwner(root, owner, ownerMustExist),
  )
}

export const makeChange = (change: Change, place: Place): void => {
  if (change.kind === 'copy') copyFiles(change, place)
  else if (change.kind === 'write') writeHeredoc(change, place)
  else makeOneDirectory(change, place)
}
