import type { Stats } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import type { Stat } from '../messages/fsutil.ts'
import { type FileType, goModeOf } from './file-mode.ts'

export type SentStat = Pick<Stat, 'path' | 'mode' | 'uid' | 'gid' | 'size' | 'modTime' | 'linkname'>

const typeOf = (stat: Stats): FileType | undefined => {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  return stat.isFIFO() ? 'fifo' : undefined
}

/** What clients are told of a file; undefined: a device or a socket, which they aren't told of. */
export const statPath = async (path: string, name: string): Promise<SentStat | undefined> => {
  const stat = await lstat(path)
  const type = typeOf(stat)
  if (type === undefined) return undefined
  return {
    path: name,
    mode: goModeOf(type, stat.mode & 0o7777),
    uid: stat.uid,
    gid: stat.gid,
    size: type === 'file' ? stat.size : 0,
    modTime: Math.round(stat.mtimeMs) * 1e6,
    linkname: type === 'symlink' ? await readlink(path) : '',
  }
}
