import { type CacheRecord, type PruneLimits, parseCacheFilters } from '@slipway/build'
import { type control, timestampOf } from '@slipway/buildkit'
import { cacheRecords, pruneCache } from '../cache.ts'
import type { BuildKit } from './room.ts'

const messageOf = (record: CacheRecord): control.UsageRecord => ({
  id: record.id,
  mutable: record.kind !== 'regular',
  inUse: record.inUse,
  size: record.bytes,
  createdAt: timestampOf(new Date(record.createdAt)),
  lastUsedAt: timestampOf(new Date(record.usedAt)),
  usageCount: 1,
  description: record.description,
  recordType: record.kind,
  shared: record.shared,
})

/**
 * What the builder's cache holds. A layer that an image has too is shared: pruning doesn't free it. Throws invalid for filters.
 */
export const usageRecords = async (
  room: BuildKit,
  filters: readonly string[],
): Promise<readonly control.UsageRecord[]> => {
  const fits = parseCacheFilters(filters)
  return (await cacheRecords(room)).filter(fits).map(messageOf)
}

interface PruneRequest {
  readonly filter: readonly string[]
  readonly all: boolean
  /** Nanoseconds. */
  readonly keepDuration: number | bigint
  readonly reservedSpace: number | bigint
  readonly maxUsedSpace: number | bigint
  readonly minFreeSpace: number | bigint
}

const limitsOf = (request: PruneRequest): PruneLimits => {
  const milliseconds = Number(request.keepDuration) / 1e6
  const filters = request.filter.filter(Boolean)
  return {
    all: request.all,
    ...(filters.length === 0 ? {} : { filter: parseCacheFilters(filters) }),
    ...(milliseconds > 0 ? { unusedSince: new Date(Date.now() - milliseconds).toISOString() } : {}),
    maxUsedSpace: Number(request.maxUsedSpace),
    reservedSpace: Number(request.reservedSpace),
    minFreeSpace: Number(request.minFreeSpace),
  }
}

/** Forgets the cache, or what of it is old or too much. Tells what is gone. Throws invalid for filters. */
export async function* pruneUsage(room: BuildKit, request: PruneRequest): AsyncGenerator<control.UsageRecord> {
  yield* (await pruneCache(room, limitsOf(request))).map(messageOf)
}
