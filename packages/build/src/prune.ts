import { cachesOf } from './ops/mount/caches.ts'
import { pruneCache } from './solver/cache.ts'
import type { BuildWorker } from './worker.ts'

/**
 * Forgets what was built, and removes the cache mounts that no step uses now. The layers are freed by whoever collects
 * snapshots, when no image stands on them.
 */
export const pruneBuilds = async (
  worker: BuildWorker,
): Promise<{ readonly deleted: readonly string[]; readonly bytes: number }> => {
  await pruneCache(worker.cache)
  const { names, bytes } = await cachesOf(worker).prune()
  return { deleted: names, bytes }
}
