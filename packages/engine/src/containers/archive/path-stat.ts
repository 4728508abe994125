import { closeSync, constants, lstatSync, readlinkSync, type Stats } from 'node:fs'
import { posix } from 'node:path'
import type { PathStat } from '@slipway/client'
import { hasErrno, invalid } from '@slipway/core'
import { O_PATH, openInRoot } from '@slipway/linux'

const typeBits: Readonly<Record<number, number>> = {
  [constants.S_IFDIR]: 2 ** 31,
  [constants.S_IFLNK]: 2 ** 27,
  [constants.S_IFBLK]: 2 ** 26,
  [constants.S_IFIFO]: 2 ** 25,
  [constants.S_IFSOCK]: 2 ** 24,
  [constants.S_IFCHR]: 2 ** 26 + 2 ** 21,
}

/** setuid, setgid and sticky have other places in Go than in Linux (Go's io/fs, FileMode). */
const permissionBits: readonly (readonly [linux: number, go: number])[] = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
]

/** A mode of stat(2) as Go's os.FileMode. */
export const goMode = (mode: number): number => {
  const special = permissionBits.reduce((sum, [linux, go]) => sum + (mode & linux ? go : 0), 0)
  return (mode & 0o777) + special + (typeBits[mode & constants.S_IFMT] ?? 0)
}

/** lstat of a path in `root`; symlinks on the way stay inside. undefined when there is nothing. */
export const statInRoot = (root: string, path: string): Stats | undefined => {
  // A slash or a dot at the end asks for what a symlink leads to.
  const follows = /(?:^|\/)\.{0,2}$/.test(path)
  const directory = follows ? path : posix.dirname(path)
  try {
    const fd = openInRoot(root, directory || '/', O_PATH | constants.O_DIRECTORY)
    try {
      return lstatSync(posix.join(`/proc/self/fd/${fd}`, follows ? '.' : posix.basename(path)) + (follows ? '/' : ''))
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined
    if (hasErrno(error, 'ELOOP')) throw invalid(`too many levels of symbolic links: ${path}`, error)
    throw error
  }
}

/** As many as Linux follows. */
const maximumLinks = 40

const readlinkInRoot = (root: string, path: string): string | undefined => {
  try {
    const fd = openInRoot(root, posix.dirname(path), O_PATH | constants.O_DIRECTORY)
    try {
      return readlinkSync(`/proc/self/fd/${fd}/${posix.basename(path)}`)
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
}

/** Where `path` leads once every symlink in it has been followed, also when there is nothing in the end. */
export const resolveInRoot = (root: string, path: string): string => {
  const rest = path.split('/')
  let resolved = '/'
  for (let links = 0; rest.length > 0; ) {
    const next = posix.join(resolved, rest.shift() ?? '')
    const target = next === resolved || next === '/' ? undefined : readlinkInRoot(root, next)
    if (target === undefined) resolved = next
    else {
      links += 1
      if (links > maximumLinks) throw invalid(`too many levels of symbolic links: ${path}`)
      if (target.startsWith('/')) resolved = '/'
      rest.unshift(...target.split('/'))
    }
  }
  return resolved
}

/** What is at a path, a symlink not followed; undefined when there is nothing. */
export const pathStat = (root: string, path: string): PathStat | undefined => {
  const stats = statInRoot(root, path)
  if (stats === undefined) return undefined
  return {
    name: posix.basename(path) || '/',
    size: stats.size,
    mode: goMode(stats.mode),
    mtime: stats.mtime.toISOString(),
    linkTarget: stats.isSymbolicLink() ? resolveInRoot(root, path) : '',
  }
}
