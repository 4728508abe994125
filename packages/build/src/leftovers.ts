import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unmount } from '@slipway/linux'
import type { BuildWorker } from './worker.ts'

const entriesOf = (directory: string): Promise<readonly string[]> => readdir(directory).catch(() => [])

/**
 * At start-up: takes away what the steps of a dead daemon left behind: their processes, mounts, snapshots and files. No
 * build may be running.
 */
export const removeLeftovers = async (worker: BuildWorker): Promise<void> => {
  const steps = join(worker.scratch, 'steps')
  for (const id of await entriesOf(steps)) {
    const path = join(steps, id)
    await worker.runtime.cleanup({ id, path })
    unmount(join(path, 'rootfs'), { lazy: true })
    await worker.snapshots.remove(id)
    await rm(path, { recursive: true, force: true })
  }
  await rm(join(worker.scratch, 'downloads'), { recursive: true, force: true })
}
