import { cString, kernel, type PathLike } from '../kernel/calls.ts'
import { check, failedWith } from '../kernel/error.ts'

/** No value and no list of names is longer (XATTR_SIZE_MAX, XATTR_LIST_MAX), so one buffer for all asks only once. */
const scratch = Buffer.allocUnsafeSlow(65536)

/** Extended attributes of `path` itself, never of what a last symlink points to. Throws ENOTSUP where there are none. */
export const setXattr = (path: PathLike, name: string, value: Uint8Array): void => {
  check(kernel.lsetxattr(cString(path), cString(name), value, value.length, 0), 'lsetxattr', path)
}

/** Undefined when there is no such attribute, or the file system has none. */
export const getXattr = (path: PathLike, name: string): Buffer | undefined => {
  const length = kernel.lgetxattr(cString(path), cString(name), scratch, scratch.length)
  if (failedWith(length, 'ENODATA', 'ENOTSUP')) return undefined
  return Buffer.from(scratch.subarray(0, check(length, 'lgetxattr', path)))
}

/** The names, in no order; empty where the file system has no attributes. */
export const listXattrs = (path: PathLike): readonly string[] => {
  const length = kernel.llistxattr(cString(path), scratch, scratch.length)
  if (failedWith(length, 'ENOTSUP')) return []
  return scratch
    .toString('utf8', 0, check(length, 'llistxattr', path))
    .split('\0')
    .slice(0, -1)
}

/** One that isn't there is no error. */
export const removeXattr = (path: PathLike, name: string): void => {
  const result = kernel.lremovexattr(cString(path), cString(name))
  if (!failedWith(result, 'ENODATA')) check(result, 'lremovexattr', path)
}
