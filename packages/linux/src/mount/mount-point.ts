import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, cString, kernel, type PathLike } from '../kernel/calls.ts'
import { check, failedWith } from '../kernel/error.ts'
import { mount } from './mount.ts'

const AT_NO_AUTOMOUNT = 0x800
const STATX_ATTR_MOUNT_ROOT = 0x2000n

/** True when something is mounted right on `path`. A path that isn't there, or ends in a symlink, is none. */
export const isMountPoint = (path: PathLike): boolean => {
  // struct statx is 256 bytes; stx_attributes are the second 8 (statx(2), Linux 5.8 for MOUNT_ROOT).
  const status = Buffer.alloc(256)
  const result = kernel.statx(AT_FDCWD, cString(path), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, status)
  if (failedWith(result, 'ENOENT', 'ENOTDIR')) return false
  check(result, 'statx', path)
  return (status.readBigUInt64LE(8) & STATX_ATTR_MOUNT_ROOT) !== 0n
}

/**
 * Makes the directory `path` a mount of its own that shares what is mounted below it with copies of this mount
 * namespace. A shim or runtime in a namespace of its own sees no later mounts otherwise. Done already is no error.
 */
export const makeSharedMount = (path: PathLike): void => {
  if (!isMountPoint(path)) mount({ source: path, target: path, type: '', flags: ['bind', 'rec'] })
  mount({ source: '', target: path, type: '', flags: ['shared'] })
}
