import { cachedLayers, type PruneLimits, pruneBuilds } from '@slipway/build'
import { type control, timestampOf } from '@slipway/buildkit'
import { hexOf, SlipwayError } from '@slipway/core'
import type { BuildKit } from './room.ts'

/** What the builder's cache stands on. A layer that an image has too is shared: pruning doesn't free it. */
export const usageRecords = async ({ worker, images }: BuildKit): Promise<readonly control.UsageRecord[]> => {
  const inImages = new Set((await images.store.list()).map(({ chainId }) => chainId))
  const layers = await cachedLayers(worker.cache)
  return Promise.all(
    layers.map(async ({ chainId, createdAt, usedAt }) => ({
      id: hexOf(chainId).slice(0, 25),
      size: (await worker.snapshots.stat(chainId)) === undefined ? 0 : (await worker.snapshots.usage(chainId)).bytes,
      createdAt: timestampOf(new Date(createdAt)),
      lastUsedAt: timestampOf(new Date(usedAt)),
      usageCount: 1,
      description: `layer ${chainId}`,
      recordType: 'regular',
      shared: inImages.has(chainId),
    })),
  )
}

interface PruneRequest {
  readonly filter: readonly string[]
  /** Nanoseconds. */
  readonly keepDuration: number | bigint
  readonly reservedSpace: number | bigint
  readonly maxUsedSpace: number | bigint
}

/** Throws unsupported for filters by kind or id: nothing is pruned that wasn't meant. */
const limitsOf = ({ filter, keepDuration, reservedSpace, maxUsedSpace }: PruneRequest): PruneLimits => {
  const [first] = filter.filter(Boolean)
  if (first !== undefined) {
    throw new SlipwayError('unsupported', `pruning by ${JSON.stringify(first.slice(0, 256))} is not supported`)
  }
  const milliseconds = Number(keepDuration) / 1e6
  const keepBytes = Number(maxUsedSpace) || Number(reservedSpace)
  return {
    ...(milliseconds > 0 ? { unusedSince: new Date(Date.now() - milliseconds).toISOString() } : {}),
    ...(keepBytes > 0 ? { keepBytes } : {}),
  }
}

/** Forgets the cache, or what of it is old or too much. Tells what was freed, a record each. */
export async function* pruneUsage(room: BuildKit, request: PruneRequest): AsyncGenerator<control.UsageRecord> {
  const limits = limitsOf(request)
  const before = await usageRecords(room)
  const { deleted, bytes } = await pruneBuilds(room.worker, limits)
  const received = Object.keys(limits).length === 0 ? await room.contexts.prune() : 0
  const { snapshots } = await room.images.collector.collect()
  const gone = new Set(snapshots.map((name) => hexOf(name as `sha256:${string}`).slice(0, 25)))
  yield* before.filter(({ id = '' }) => gone.has(id))
  const now = timestampOf(new Date())
  if (deleted.length > 0) yield { id: 'mounts', size: bytes, recordType: 'exec.cachemount', createdAt: now }
  if (received > 0) yield { id: 'contexts', size: received, recordType: 'source.local', createdAt: now }
}
