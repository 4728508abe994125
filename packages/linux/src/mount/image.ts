import { closeSync, openSync } from 'node:fs'
import { O_PATH } from '../file/open.ts'
import { check } from '../kernel/error.ts'
import { configure, createMount, openContext } from './context.ts'
import { mountAttributes } from './options.ts'

/**
 * Mounts an EROFS image, read-only, where nobody sees it: the mount is the descriptor that is returned, stays while that
 * is open, and shows its files below `/proc/<pid>/fd/<descriptor>`. An overlay over it keeps it for itself. Needs Linux
 * 6.12 and a file system below that takes it; throws ENOTBLK or ENODEV elsewhere.
 */
export const openImage = (path: string): number => {
  using open = new DisposableStack()
  const keep = (fd: number): number => open.adopt(fd, closeSync)
  const context = keep(check(openContext('erofs'), 'fsopen', path))
  configure(context, ['source', path], (long) => `/proc/self/fd/${keep(openSync(long, O_PATH))}`)
  configure(context, ['ro'], (value) => value)
  return createMount(context, mountAttributes(['ro']), path)
}
