import { closeSync, constants, fstatSync, readSync } from 'node:fs'
import { hasErrno, invalid } from '@slipway/core'
import { openInRoot } from '@slipway/linux'
import { findUser, type ResolvedUser, type UserQuery } from './find.ts'

/** Directories of tens of thousands of users fit; what is larger was not made for looking users up. */
const maximumBytes = 16 << 20

/**
 * Looks a user up in a mounted root file system. Its files are somebody else's: they are opened as seen from inside, so that
 * a symlink doesn't lead to the host's, and only when they are plain files. Throws invalid in docker's words.
 */
export const resolveUser = (rootfs: string, user: string | UserQuery): ResolvedUser =>
  findUser(
    typeof user === 'string' ? { spec: user } : user,
    readInRoot(rootfs, '/etc/passwd'),
    readInRoot(rootfs, '/etc/group'),
  )

const absent = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES']

const readInRoot = (rootfs: string, path: string): string => {
  const fd = openOrUndefined(rootfs, path)
  if (fd === undefined) return ''
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) return ''
    if (stats.size > maximumBytes) throw invalid(`${path} of the image is larger than ${maximumBytes} bytes`)
    return readWhole(fd, stats.size)
  } finally {
    closeSync(fd)
  }
}

const openOrUndefined = (rootfs: string, path: string): number | undefined => {
  try {
    return openInRoot(rootfs, path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (absent.some((errno) => hasErrno(error, errno))) return undefined
    throw error
  }
}

const readWhole = (fd: number, size: number): string => {
  const buffer = Buffer.alloc(size)
  let at = 0
  while (at < size) {
    const read = readSync(fd, buffer, at, size - at, at)
    if (read === 0) break
    at += read
  }
  return buffer.toString('utf8', 0, at)
}
