import type { CacheFilter } from './filter.ts'
import type { CacheRecord } from './record.ts'

/** What may stay of the cache. Nothing given: nothing does that isn't in use. */
export interface PruneLimits {
  /** Also what an image has; otherwise the next build of it finds its steps. */
  readonly all?: boolean
  readonly filter?: CacheFilter | undefined
  /** What was used since then stays: ISO 8601. */
  readonly unusedSince?: string | undefined
  /** Bytes: so much may stay, and what was used least lately goes. */
  readonly maxUsedSpace?: number | undefined
  /** Bytes: so much stays, whatever the other limits say. */
  readonly reservedSpace?: number | undefined
  /** Bytes of the disk that are to be free. */
  readonly minFreeSpace?: number | undefined
}

const isGiven = (bytes: number | undefined): bytes is number => bytes !== undefined && bytes > 0

/** Bytes that may stay of the `total` there are; undefined: nothing is said about that. As in BuildKit. */
export const bytesToKeep = (limits: PruneLimits, total: number, free: number): number | undefined => {
  const { maxUsedSpace, reservedSpace, minFreeSpace } = limits
  if (![maxUsedSpace, reservedSpace, minFreeSpace].some(isGiven)) return undefined
  const most = isGiven(maxUsedSpace) ? maxUsedSpace : isGiven(minFreeSpace) ? total : 0
  const excess = isGiven(minFreeSpace) ? Math.max(0, minFreeSpace - free) : 0
  return Math.max(excess > 0 ? Math.min(most, total - excess) : most, reservedSpace ?? 0)
}

/** What goes, beginning with what was used least lately. `free`: bytes of the disk. */
export const selectToPrune = (
  records: readonly CacheRecord[],
  limits: PruneLimits,
  free: number,
): readonly CacheRecord[] => {
  const { all = false, filter, unusedSince } = limits
  const total = records.reduce((sum, { bytes, shared }) => (shared ? sum : sum + bytes), 0)
  const keep = bytesToKeep(limits, total, free)
  const candidates = records
    .filter((record) => !record.inUse && (all || !record.shared) && filter?.(record) !== false)
    .filter(({ usedAt }) => unusedSince === undefined || usedAt < unusedSince)
    .toSorted((one, other) => (one.usedAt < other.usedAt ? -1 : 1))
  if (keep === undefined) return candidates
  const gone: CacheRecord[] = []
  let left = total
  for (const record of candidates) {
    if (left <= keep) break
    gone.push(record)
    if (!record.shared) left -= record.bytes
  }
  return gone
}
