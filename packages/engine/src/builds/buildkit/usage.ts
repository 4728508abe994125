import { cachedLayers, pruneBuilds } from '@slipway/build'
import { type control, timestampOf } from '@slipway/buildkit'
import { hexOf } from '@slipway/core'
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

/** Forgets the cache. Tells what was freed, a record each. */
export async function* pruneUsage(room: BuildKit): AsyncGenerator<control.UsageRecord> {
  const before = await usageRecords(room)
  const { deleted, bytes } = await pruneBuilds(room.worker)
  const received = await room.contexts.prune()
  const { snapshots } = await room.images.collector.collect()
  const gone = new Set(snapshots.map((name) => hexOf(name as `sha256:${string}`).slice(0, 25)))
  yield* before.filter(({ id = '' }) => gone.has(id))
  const now = timestampOf(new Date())
  if (deleted.length > 0) yield { id: 'mounts', size: bytes, recordType: 'exec.cachemount', createdAt: now }
  if (received > 0) yield { id: 'contexts', size: received, recordType: 'source.local', createdAt: now }
}
