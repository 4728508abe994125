import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unmount } from '@slipway/linux'
import type { BuildWorker } from './worker.ts'

const entriesOf = (directory: string): Promise<readonly string[]> => readdir(directory).catch(() => [])

const namesOf = async ({ snapshots }: BuildWorker): Promise<readonly string[]> => {
  const names: string[] = []
  for await (const { name } of snapshots.list()) names.push(name)
  return names
}

/**
 * At start-up: takes away what the steps of a dead daemon left behind: their processes, mounts, snapshots and files. No
 * build may be running.
 */
export const removeLeftovers = async (worker: BuildWorker): Promise<void> => {
  const steps = join(worker.scratch, 'steps')
  const snapshots = await namesOf(worker)
  for (const id of await entriesOf(steps)) {
    const path = join(steps, id)
    await worker.runtime.cleanup({ id, path })
    unmount(join(path, 'rootfs'), { lazy: true })
    const mounts = join(path, 'mounts')
    for (const name of await entriesOf(mounts)) unmount(join(mounts, name), { lazy: true })
    // A step's own, and those it mounts or links: `<id>-0`, `<id>-from`.
    const own = snapshots.filter((name) => name === id || name.startsWith(`${id}-`))
    for (const name of own) await worker.snapshots.remove(name)
    await rm(path, { recursive: true, force: true })
  }
  await rm(join(worker.scratch, 'downloads'), { recursive: true, force: true })
}
