import { mkdir, rmdir } from 'node:fs/promises'
import type { Mount } from '@slipway/core'
import { mountSnapshot, unmount } from '@slipway/linux'

/** Gives what is mounted at `at` to `body`. */
export const withMounted = async <T>(
  at: string,
  mounts: readonly Mount[],
  body: (directory: string) => T,
): Promise<T> => {
  await mkdir(at)
  mountSnapshot(mounts, at)
  try {
    return body(at)
  } finally {
    unmount(at)
    await rmdir(at)
  }
}
