import { type Dirent, lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, hasErrno, invalid } from '@slipway/core'
import type { WrittenImage } from '@slipway/store'
import { type Change, makeChange } from './change.ts'
import { clampTimes } from './clamp.ts'
import { type DeleteJob, deleteFiles } from './delete.ts'
import { type HashRequest, hashSources } from './hash.ts'
import type { Listing } from './listing.ts'
import { openTree, selectSources, type TreeRequest } from './select.ts'
import { DiskTarget } from './target/disk.ts'
import { LayerTarget } from './target/layer.ts'
import { layerImage, layerTar } from './target/layer-tar.ts'
import { type FilePart, findNode } from './tree/node.ts'
import { closeReceived } from './tree/received.ts'
import { closeTar } from './tree/tar.ts'

/** Changes the tree at `root`, a directory of this machine. */
export interface ChangeJob {
  readonly kind: 'change'
  readonly root: string
  readonly changes: readonly Change[]
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

/** Tells the bytes that a directory holds on the disk. */
export interface MeasureJob {
  readonly kind: 'measure'
  readonly path: string
}

/** Makes nothing below `root`, itself included, younger than `newest`: seconds since 1970. */
export interface ClampJob {
  readonly kind: 'clamp'
  readonly root: string
  readonly newest: number
}

/** Work on files that would hold the event loop up. All of it is synchronous and runs in a thread. */
export type FileJob = ChangeJob | HashJob | SelectJob | ReadJob | RemoveJob | MeasureJob | ClampJob | DeleteJob

export interface FileJobResult {
  readonly digest?: Digest
  readonly listing?: Listing
  readonly files?: readonly SelectedFile[]
  readonly text?: string
  /** Bytes. */
  readonly size?: number
  readonly image?: WrittenImage
}

/** A regular file among the sources. */
export interface SelectedFile {
  readonly relative: string
  readonly part: FilePart
}

const changeFiles = ({ root, changes }: ChangeJob, onEntry: () => void): void => {
  const target = new DiskTarget(root)
  for (const change of changes) makeChange(change, { target, root, onEntry })
  target.finish()
}

/** The same changes as a layer: its tar, in a thread too. */
export interface PackJob {
  readonly kind: 'pack'
  /** Shows what the layer is put on; only read. */
  readonly root: string
  readonly changes: readonly Change[]
  /** Seconds since 1970: nothing is to be younger. */
  readonly newest?: number | undefined
}

/** The same changes as a layer's image. */
export type ImageJob = Omit<PackJob, 'kind'> & {
  readonly kind: 'image'
  /** A new file. */
  readonly image: string
}

const planLayer = ({ root, changes }: Pick<PackJob, 'root' | 'changes'>, onEntry: () => void): LayerTarget => {
  const target = new LayerTarget(root)
  for (const change of changes) makeChange(change, { target, root, onEntry })
  return target
}

export function* runPackJob(job: PackJob, onEntry: () => void): Generator<Buffer, void, void> {
  try {
    yield* layerTar(planLayer(job, onEntry), { newest: job.newest, onEntry })
  } finally {
    closeTrees()
  }
}

export const runImageJob = async (job: ImageJob, onEntry: () => void): Promise<WrittenImage> => {
  try {
    return await layerImage(planLayer(job, onEntry), job.image, { newest: job.newest, onEntry })
  } finally {
    closeTrees()
  }
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

/** A step may be at work in it: what is gone in the middle takes nothing. */
const entriesOf = (path: string): readonly Dirent[] => {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return []
    throw error
  }
}

const bytesIn = (path: string): number =>
  entriesOf(path).reduce((sum, entry) => {
    const inside = join(path, entry.name)
    const blocks = lstatSync(inside, { throwIfNoEntry: false })?.blocks ?? 0
    return sum + blocks * diskBlock + (entry.isDirectory() ? bytesIn(inside) : 0)
  }, 0)

const removeTree = ({ path }: RemoveJob): number => {
  const bytes = bytesIn(path)
  rmSync(path, { recursive: true, force: true })
  return bytes
}

const closeTrees = (): void => {
  closeTar()
  closeReceived()
}

/** `onEntry` is called now and then, and may throw to stop the work. */
export const runFileJob = (job: FileJob, onEntry: () => void): FileJobResult => {
  try {
    return perform(job, onEntry)
  } finally {
    closeTrees()
  }
}

const perform = (job: FileJob, onEntry: () => void): FileJobResult => {
  switch (job.kind) {
    case 'change':
      changeFiles(job, onEntry)
      return {}
    case 'delete':
      deleteFiles(job)
      return {}
    case 'hash':
      return hashSources(openTree(job.tree, onEntry), job, onEntry)
    case 'select':
      return { files: selectFiles(job, onEntry) }
    case 'clamp':
      clampTimes(job.root, BigInt(job.newest) * 1_000_000_000n, onEntry)
      return {}
    case 'measure':
      return { size: bytesIn(job.path) }
    case 'remove':
      return { size: removeTree(job) }
    case 'read': {
      const text = readText(job, onEntry)
      return text === undefined ? {} : { text }
    }
  }
}
