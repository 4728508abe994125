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
