import type { ChainId } from '@slipway/core'
import { cachesOf } from './ops/mount/caches.ts'
import { cachedLayers, forgetLayers, pruneCache } from './solver/cache.ts'
import type { BuildWorker } from './worker.ts'

/** What may stay. Neither: nothing does. */
export interface PruneLimits {
  /** What was used since then stays: ISO 8601. (A use is written down once an hour.) */
  readonly unusedSince?: string | undefined
  /** So many bytes of layers stay, of those that were used last. */
  readonly keepBytes?: number | undefined
}

const sizeOf = async ({ snapshots }: BuildWorker, chainId: ChainId): Promise<number> =>
  (await snapshots.stat(chainId)) === undefined ? 0 : (await snapshots.usage(chainId)).bytes

/** Those that were used least lately, until what is left is little enough. */
const layersToForget = async (worker: BuildWorker, limits: PruneLimits): Promise<readonly ChainId[]> => {
  const { unusedSince, keepBytes } = limits
  const layers = [...(await cachedLayers(worker.cache))].sort((a, b) => (a.usedAt < b.usedAt ? -1 : 1))
  const sizes = await Promise.all(layers.map(({ chainId }) => sizeOf(worker, chainId)))
  let left = sizes.reduce((sum, size) => sum + size, 0)
  const gone: ChainId[] = []
  for (const [index, { chainId, usedAt }] of layers.entries()) {
    if (keepBytes !== undefined && left <= keepBytes) break
    if (unusedSince !== undefined && usedAt >= unusedSince) break
    gone.push(chainId)
    left -= sizes[index] ?? 0
  }
  return gone
}

/**
 * Forgets what was built; without limits it also removes the cache mounts that no step uses now. The layers are freed by whoever
 * collects snapshots, when no image stands on them.
 */
export const pruneBuilds = async (
  worker: BuildWorker,
  limits: PruneLimits = {},
): Promise<{ readonly deleted: readonly string[]; readonly bytes: number }> => {
  if (limits.unusedSince !== undefined || limits.keepBytes !== undefined) {
    await forgetLayers(worker.cache, await layersToForget(worker, limits))
    return { deleted: [], bytes: 0 }
  }
  await pruneCache(worker.cache)
  const { names, bytes } = await cachesOf(worker).prune()
  return { deleted: names, bytes }
}
