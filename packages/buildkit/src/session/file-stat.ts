import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs'
import type { Stat } from '../messages/fsutil.ts'
import { type FileType, goModeOf } from './file-mode.ts'

export type SentStat = Pick<Stat, 'path' | 'mode' | 'uid' | 'gid' | 'size' | 'modTime' | 'linkname'> &
  Partial<Pick<Stat, 'devmajor' | 'devminor'>>

const typeOf = (stat: BigIntStats): FileType | undefined => {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  return stat.isFIFO() ? 'fifo' : undefined
}

/** The first names of files that have several, by their inodes. */
export type FirstNames = Map<string, string>

/** The name under which a file was told before, if it has several. */
const earlierName = (
  { dev, ino, nlink }: BigIntStats,
  name: string,
  seen: FirstNames | undefined,
): string | undefined => {
  if (seen === undefined || nlink < 2n) return undefined
  const inode = `${dev} ${ino}`
  const earlier = seen.get(inode)
  if (earlier === undefined) seen.set(inode, name)
  return earlier
}

/**
 * What clients are told of a file; undefined: a device or a socket, which they aren't told of. With `seen`, a file that has
 * several names has its contents under the first one alone; the others are links to it. Synchronous: a promise takes longer than
 * the look.
 */
export const statPath = (path: string, name: string, seen?: FirstNames): SentStat | undefined => {
  const stat = lstatSync(path, { bigint: true })
  const type = typeOf(stat)
  if (type === undefined) return undefined
  const earlier = type === 'file' ? earlierName(stat, name, seen) : undefined
  return {
    path: name,
    mode: goModeOf(type, Number(stat.mode & 0o7777n)),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: type === 'file' && earlier === undefined ? Number(stat.size) : 0,
    modTime: Number(stat.mtimeNs),
    linkname: type === 'symlink' ? readlinkSync(path) : (earlier ?? ''),
  }
}
