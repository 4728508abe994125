import { closeSync, openSync } from 'node:fs'
import { hasErrno } from '@slipway/core'
import { openLoop } from '../file/loop.ts'
import { O_PATH } from '../file/open.ts'
import { check } from '../kernel/error.ts'
import { attachMount, configure, createMount, openContext } from './context.ts'
import { mountAttributes } from './options.ts'

/**
 * Mounts an EROFS image, read-only, where nobody sees it: the mount is the descriptor that is returned, stays while that
 * is open, and shows its files below `/proc/<pid>/fd/<descriptor>`. The file itself is what is mounted (Linux 6.12), or a
 * loop device, where the kernel or the file system below doesn't take files: tmpfs and overlayfs don't.
 */
export const openImage = (path: string): number => {
  try {
    return mountFrom(path, path)
  } catch (error) {
    if (!takesNoFile(error)) throw error
  }
  using loop = openLoop(path)
  return mountFrom(loop.path, path)
}

const mountFrom = (source: string, path: string): number => {
  using open = new DisposableStack()
  const keep = (fd: number): number => open.adopt(fd, closeSync)
  const context = keep(check(openContext('erofs'), 'fsopen', path))
  configure(context, ['source', source], (long) => `/proc/self/fd/${keep(openSync(long, O_PATH))}`)
  configure(context, ['ro'], (value) => value)
  return createMount(context, mountAttributes(['ro']), path)
}

/** Newer kernels have other words for it than older ones. */
const takesNoFile = (error: unknown): boolean => ['ENOTBLK', 'EINVAL', 'ELOOP'].some((code) => hasErrno(error, code))

/** Puts a mount like that at the directory `target`, for kernels whose overlays take none that stands nowhere (before 6.15). */
export const attachImage = (mount: number, target: string): void => attachMount(mount, target)
