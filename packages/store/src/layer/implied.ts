import { chmodSync, closeSync, constants, lchownSync, type Stats, statSync, utimesSync } from 'node:fs'
import { O_PATH, openInRoot, syncFileSystem } from '@slipway/linux'
import { ofDescriptor, type RawName, toPath } from './file-name.ts'
import { findDirectory } from './lower-layers.ts'

export interface SettleImplied {
  readonly tree: string
  /** The layers below, top first. */
  readonly lowers: readonly string[]
  /** Directories that the layer's tar has things in, and says nothing of; the root is the empty name. */
  readonly implied: readonly RawName[]
}

const sameLooks = (one: Stats, other: Stats): boolean =>
  one.mode === other.mode && one.uid === other.uid && one.gid === other.gid && one.mtimeMs === other.mtimeMs

/** A worker's job: directories that a layer's tar doesn't mention look as they do in the layers below. */
export const settleImplied = async ({ tree, lowers, implied }: SettleImplied): Promise<void> => {
  let isChanged = false
  for (const path of implied) {
    const wanted = findDirectory(lowers, path)
    if (wanted !== undefined && adopt(tree, path, wanted)) isChanged = true
  }
  if (isChanged) syncFileSystem(tree)
}

const adopt = (tree: string, path: RawName, wanted: Stats): boolean => {
  const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
  const fd = openInRoot(tree, path === '' ? '.' : toPath(path), flags)
  try {
    const self = ofDescriptor(fd)
    if (sameLooks(statSync(self), wanted)) return false
    if (process.geteuid?.() === 0) lchownSync(`${self}/.`, wanted.uid, wanted.gid)
    chmodSync(self, wanted.mode & 0o7777)
    utimesSync(self, wanted.mtimeMs / 1000, wanted.mtimeMs / 1000)
    return true
  } finally {
    closeSync(fd)
  }
}
