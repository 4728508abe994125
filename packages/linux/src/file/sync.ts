import { closeSync, openSync } from 'node:fs'
import { kernel } from '../kernel/calls.ts'
import { check } from '../kernel/error.ts'

/** Brings all that was written to the file system of `path` to the disk: blocks for as long as that takes. */
export const syncFileSystem = (path: string): void => {
  const fd = openSync(path, 'r')
  try {
    check(kernel.syncfs(fd), 'syncfs', path)
  } finally {
    closeSync(fd)
  }
}

const SYNC_FILE_RANGE_WRITE = 2

/** Lets the disk begin with a part of a file, and doesn't wait for it. What can't be begun is left to fsync. */
export const beginSync = (fd: number, start: number, length: number): void => {
  kernel.syncFileRange(fd, start, length, SYNC_FILE_RANGE_WRITE)
}
