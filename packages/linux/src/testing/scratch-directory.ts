import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unmount } from '../mount/mount.ts'
import { readMountInfo } from '../mount/mountinfo.ts'

/** A directory that goes when it is out of scope, with what was mounted in it. */
export const scratchDirectory = (): { readonly path: string } & Disposable => {
  const path = mkdtempSync(join(tmpdir(), 'swt-'))
  return {
    path,
    [Symbol.dispose]() {
      for (const { target } of readMountInfo(path).toReversed()) unmount(target, { lazy: true })
      rmSync(path, { recursive: true })
    },
  }
}
