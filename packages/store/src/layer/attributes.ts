import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  openSync,
  readFileSync,
} from 'node:fs'
import { hasErrno } from '@slipway/core'
import {
  type FileTimes,
  listXattrs,
  O_PATH,
  openInRoot,
  removeXattr,
  setTimes,
  setTimesOf,
  setXattr,
} from '@slipway/linux'
import { nanosecondsOf, type TarHeader } from '../tar/header.ts'
import { ofDescriptor, type RawName, toPath } from './file-name.ts'
import { isOverlayXattr } from './whiteout.ts'

/** How what is unpacked gets its owner, mode, times and extended attributes. */
export interface AttributeRules {
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** What this process makes is root's. */
  readonly isOwnAlready: boolean
  readonly umask: number
}

/** What a directory gets when everything is in it. */
export type LateAttributes = Pick<TarHeader, 'mode' | 'mtime' | 'mtimeNs'>

/** Only root can give files away and make devices; others get what they unpack. */
const isRoot = process.geteuid?.() === 0
export const permissions = 0o777

/** process.umask() changes it for a moment, for all threads. */
const readUmask = (): number => {
  const line = /^Umask:\s*([0-7]+)/m.exec(readFileSync('/proc/thread-self/status', 'latin1'))
  return line?.[1] === undefined ? permissions : Number.parseInt(line[1], 8)
}

/** `isFresh`: into an empty directory of our own. */
export const attributeRules = ({
  owner,
  isFresh,
}: Pick<AttributeRules, 'owner'> & { readonly isFresh: boolean }): AttributeRules => ({
  owner,
  isOwnAlready: isFresh && isRoot && process.getegid?.() === 0,
  umask: readUmask(),
})

const own = (header: TarHeader, rules: AttributeRules, change: (uid: number, gid: number) => void): void => {
  if (!isRoot) return
  const { uid, gid } = rules.owner ?? header
  if (!rules.isOwnAlready || uid !== 0 || gid !== 0) change(uid, gid)
}

const setXattrs = (path: string | Buffer, { xattrs }: TarHeader): void => {
  for (const [name, value] of xattrs) {
    if (isOverlayXattr(name)) continue
    try {
      setXattr(path, name, value)
    } catch (error) {
      // A file system without attributes, or ones that only root may set: docker goes on without them as well.
      if (!hasErrno(error, 'ENOTSUP') && (isRoot || !hasErrno(error, 'EPERM'))) throw error
    }
  }
}

type Time = Pick<TarHeader, 'mtime' | 'mtimeNs'>

const timesOf = (time: Time): FileTimes => {
  const ns = nanosecondsOf(time)
  return { atimeNs: ns, mtimeNs: ns }
}

/** Of what is open, also with O_PATH. */
const setDescriptorTimes = (fd: number, time: Time): void => setTimesOf(fd, timesOf(time))

/** `path` leads to what `fd` is. */
export const finishFile = (fd: number, path: string | Buffer, header: TarHeader, rules: AttributeRules): void => {
  own(header, rules, (uid, gid) => fchownSync(fd, uid, gid))
  // After chown, which takes setuid and capabilities away.
  if ((header.mode & ~permissions) !== 0 || (header.mode & rules.umask) !== 0) fchmodSync(fd, header.mode)
  setXattrs(path, header)
  // Most times are whole seconds, and this takes half the time.
  if (header.mtimeNs === undefined) futimesSync(fd, header.mtime, header.mtime)
  else setDescriptorTimes(fd, header)
}

export const finishSymlink = (path: string | Buffer, header: TarHeader, rules: AttributeRules): void => {
  own(header, rules, (uid, gid) => lchownSync(path, uid, gid))
  setXattrs(path, header)
  setTimes(path, timesOf(header))
}

/** A device or a FIFO. */
export const finishNode = (path: string | Buffer, header: TarHeader, rules: AttributeRules): void => {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW)
  try {
    own(header, rules, (uid, gid) => lchownSync(path, uid, gid))
    chmodSync(ofDescriptor(fd), header.mode)
    setXattrs(path, header)
    setDescriptorTimes(fd, header)
  } finally {
    closeSync(fd)
  }
}

/** All but what waits for `finishDirectory()`. `isItself`: the path ends in `.`, and is no symlink. */
export const beginDirectory = (
  path: string | Buffer,
  isItself: boolean,
  header: TarHeader,
  rules: AttributeRules,
): void => {
  own(header, rules, (uid, gid) => (isItself ? chownSync(path, uid, gid) : lchownSync(path, uid, gid)))
  setXattrs(path, header)
}

export const finishDirectory = (root: string, path: RawName, late: LateAttributes): void => {
  let fd: number
  try {
    const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
    fd = openInRoot(root, path === '' ? '.' : toPath(path), flags)
  } catch {
    // A later entry took its place.
    return
  }
  try {
    chmodSync(ofDescriptor(fd), late.mode)
    setDescriptorTimes(fd, late)
  } finally {
    closeSync(fd)
  }
}

/** A layer says all about its directories: what the one below said of them is void. */
export const dropXattrs = (path: string | Buffer, { xattrs }: TarHeader): void => {
  for (const name of listXattrs(path)) {
    const isHosts = isOverlayXattr(name) || name === 'security.selinux'
    if (!xattrs.has(name) && !isHosts) removeXattr(path, name)
  }
}
