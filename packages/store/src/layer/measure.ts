import { closeSync, fstatSync, lstatSync } from 'node:fs'
import { inDirectory } from './file-name.ts'
import { openDirectory, walk } from './walk.ts'

export interface Usage {
  /** As du counts: blocks on disk. */
  readonly bytes: number
  readonly inodes: number
}

/** A worker's job: what a tree takes on disk, each inode once. */
export const measureTree = async ({ path }: { readonly path: string }): Promise<Usage> => {
  const fd = openDirectory(path)
  const seen = new Set<bigint>()
  try {
    let bytes = fstatSync(fd).blocks * 512
    let inodes = 1
    for (const { fd: parent, name, stat } of walk(fd)) {
      if (stat.nlink > 1 && !stat.isDirectory()) {
        const ino = lstatSync(inDirectory(parent, name), { bigint: true, throwIfNoEntry: false })?.ino
        if (ino === undefined || seen.has(ino)) continue
        seen.add(ino)
      }
      bytes += stat.blocks * 512
      inodes += 1
    }
    return { bytes, inodes }
  } finally {
    closeSync(fd)
  }
}
