import { type BigIntStats, chmodSync, closeSync, constants, lchownSync, statSync } from 'node:fs'
import { O_PATH, openInRoot, setTimesOf, syncFileSystem } from '@slipway/linux'
import { ofDescriptor, type RawName, toPath } from './file-name.ts'
import { findDirectory } from './lower-layers.ts'

export interface SettleImplied {
  readonly tree: string
  /** The layers below, top first. */
  readonly lowers: readonly string[]
  /** Directories that the layer's tar has things in, and says nothing of; the root is the empty name. */
  readonly implied: readonly RawName[]
}

const sameLooks = (one: BigIntStats, other: BigIntStats): boolean =>
  one.mode === other.mode && one.uid === other.uid && one.gid === other.gid && one.mtimeNs === other.mtimeNs

/** A worker's job: directories that a layer's tar doesn't mention look as they do in the layers below. */
export const settleImplied = async ({ tree, lowers, implied }: SettleImplied): Promise<void> => {
  let isChanged = false
  for (const path of implied) {
    const wanted = findDirectory(lowers, path)
    if (wanted !== undefined && adopt(tree, path, wanted)) isChanged = true
  }
  if (isChanged) syncFileSystem(tree)
}

const adopt = (tree: string, path: RawName, wanted: BigIntStats): boolean => {
  const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
  const fd = openInRoot(tree, path === '' ? '.' : toPath(path), flags)
  try {
    const self = ofDescriptor(fd)
    if (sameLooks(statSync(self, { bigint: true }), wanted)) return false
    if (process.geteuid?.() === 0) lchownSync(`${self}/.`, Number(wanted.uid), Number(wanted.gid))
    chmodSync(self, Number(wanted.mode) & 0o7777)
    setTimesOf(fd, { atimeNs: wanted.mtimeNs, mtimeNs: wanted.mtimeNs })
    return true
  } finally {
    closeSync(fd)
  }
}
