import { closeSync, openSync } from 'node:fs'
import { check, libc } from '../libc.ts'

/** Brings all that was written to the file system of `path` to the disk: blocks for as long as that takes. */
export const syncFileSystem = (path: string): void => {
  const fd = openSync(path, 'r')
  try {
    check(libc.syncfs(fd), 'syncfs', path)
  } finally {
    closeSync(fd)
  }
}
