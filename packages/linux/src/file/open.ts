import { closeSync, constants, openSync } from 'node:fs'
import { cString, kernel, type PathLike } from '../kernel/calls.ts'
import { check, failedWith } from '../kernel/error.ts'

const RESOLVE_NO_MAGICLINKS = 0x02n
const RESOLVE_IN_ROOT = 0x10n
/** A rename or mount on the host at the wrong moment makes the kernel give up, not err (openat2(2), EAGAIN). */
const attempts = 128

/**
 * Opens `path` as a process would whose root directory is `root` (a directory's descriptor or path): absolute paths,
 * `..` and symlinks all stay inside, whoever renames things meanwhile. `flags` are node:fs's constants. Returns a
 * descriptor, closed on exec; throws as fs.openSync does.
 *
 * What node:fs cannot do with a descriptor it can do with its name: with `fd` opened O_PATH | O_DIRECTORY,
 * `/proc/self/fd/${fd}/name` is `name` in that directory. Only the last name may then be one that others chose, and it
 * must be opened O_NOFOLLOW or used with lstat, lchown, rename, unlink and the like.
 *
 * A worker thread that closes the descriptor needs `trackUnmanagedFds: false`, or Node warns that it doesn't know it.
 */
export const openInRoot = (root: number | string, path: PathLike, flags: number, mode = 0o666): number => {
  if (typeof root === 'number') return openBelow(root, path, flags, mode)
  const directory = openSync(root, constants.O_DIRECTORY | O_PATH)
  try {
    return openBelow(directory, path, flags, mode)
  } finally {
    closeSync(directory)
  }
}

/** node:fs has no name for these two; they are the same on x86-64 and arm64. */
export const O_PATH = 0o10000000
const O_CLOEXEC = 0o2000000
const O_TMPFILE = 0o20000000

const openBelow = (directory: number, path: PathLike, flags: number, mode: number): number => {
  // struct open_how: flags, mode, resolve. A mode without a file to make is refused.
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0)
  how.writeBigUInt64LE(BigInt(flags & (constants.O_CREAT | O_TMPFILE) ? mode : 0), 8)
  how.writeBigUInt64LE(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, 16)
  const text = cString(path)
  for (let attempt = 1; ; attempt++) {
    const fd = kernel.openat2(directory, text, how, how.length)
    if (attempt < attempts && failedWith(fd, 'EAGAIN', 'EINTR')) continue
    return check(fd, 'openat2', path)
  }
}
