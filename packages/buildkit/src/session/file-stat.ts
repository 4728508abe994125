import type { Stats } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import type { Stat } from '../messages/fsutil.ts'
import { type FileType, goModeOf } from './file-mode.ts'

export type SentStat = Pick<Stat, 'path' | 'mode' | 'uid' | 'gid' | 'size' | 'modTime' | 'linkname'> &
  Partial<Pick<Stat, 'devmajor' | 'devminor'>>

const typeOf = (stat: Stats): FileType | undefined => {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  return stat.isFIFO() ? 'fifo' : undefined
}

/** The first names of files that have several, by their inodes. */
export type FirstNames = Map<string, string>

/** The name under which a file was told before, if it has several. */
const earlierName = ({ dev, ino, nlink }: Stats, name: string, seen: FirstNames | undefined): string | undefined => {
  if (seen === undefined || nlink < 2) return undefined
  const inode = `${dev} ${ino}`
  const earlier = seen.get(inode)
  if (earlier === undefined) seen.set(inode, name)
  return earlier
}

/**
 * What clients are told of a file; undefined: a device or a socket, which they aren't told of. With `seen`, a file that has several
 * names has its contents under the first one alone; the others are links to it.
 */
export const statPath = async (path: string, name: string, seen?: FirstNames): Promise<SentStat | undefined> => {
  const stat = await lstat(path)
  const type = typeOf(stat)
  if (type === undefined) return undefined
  const earlier = type === 'file' ? earlierName(stat, name, seen) : undefined
  return {
    path: name,
    mode: goModeOf(type, stat.mode & 0o7777),
    uid: stat.uid,
    gid: stat.gid,
    size: type === 'file' && earlier === undefined ? stat.size : 0,
    modTime: Math.round(stat.mtimeMs) * 1e6,
    linkname: type === 'symlink' ? await readlink(path) : (earlier ?? ''),
  }
}
