import { type Database, type Logger, messageOf, type Sql } from '@slipway/core'
import { isStorageKeyInUse } from '../metadata/blobs.ts'
import { addTotal, claim, type Kind, listDue, type QueueEntry, schedule } from '../metadata/queue.ts'
import { inMs, type Retention } from '../metadata/retention.ts'
import type { BlobStorage } from '../storage/storage.ts'
import type { Review, Verdict } from './review.ts'
import { reviewBlob } from './review-blob.ts'
import { reviewManifest } from './review-manifest.ts'
import { reviewRepository } from './review-repository.ts'

export interface CollectorParts {
  readonly database: Database
  readonly storage: BlobStorage
  readonly retention: Retention
  readonly logger: Logger
}

/** What one pass did. */
export interface Collected {
  readonly reviewed: number
  readonly collected: number
  readonly freedBytes: number
  readonly failed: number
}

export const nothing: Collected = { reviewed: 0, collected: 0, freedBytes: 0, failed: 0 }

const add = (one: Collected, other: Collected): Collected => ({
  reviewed: one.reviewed + other.reviewed,
  collected: one.collected + other.collected,
  freedBytes: one.freedBytes + other.freedBytes,
  failed: one.failed + other.failed,
})

/** Clients wait for a transaction as long as it lasts: a hundred reviews take some ten milliseconds. */
const batchSize = 100
/** So many bytes' deletions are under way at once. */
const deletionsAtOnce = 16
const firstWaitMs = 5_000
const longestWaitMs = 60 * 60 * 1000

/** From holders to held, so that one pass comes all the way from a repository to its bytes. */
const reviews: readonly (readonly [Kind, Review])[] = [
  ['manifest', reviewManifest],
  ['blob', reviewBlob],
  ['repository', reviewRepository],
]

const reviewIn = async (
  sql: Sql,
  retention: Retention,
  review: Review,
  entries: readonly QueueEntry[],
): Promise<Collected> => {
  const verdicts: Verdict[] = []
  for (const entry of entries) {
    // Somebody needed it in the meantime, or another process was quicker.
    if (!(await claim(sql, entry, new Date()))) continue
    const verdict = await review(sql, retention, entry)
    if (verdict.again) await schedule(sql, { ...entry, attempts: 0 }, verdict.again)
    verdicts.push(verdict)
  }
  return {
    ...nothing,
    reviewed: verdicts.length,
    collected: verdicts.filter((verdict) => verdict.collected).length,
  }
}

/** What failed is tried again, ever more seldom: 5 s, 10 s, … an hour. */
const backOff = async ({ database, logger }: CollectorParts, entry: QueueEntry, error: unknown): Promise<Collected> => {
  const attempts = entry.attempts + 1
  const due = inMs(Math.min(longestWaitMs, firstWaitMs * 2 ** (attempts - 1)))
  logger.warn({ kind: entry.kind, key: entry.key, attempts, error: messageOf(error) }, 'could not be collected')
  await database.transaction((sql) => schedule(sql, { ...entry, attempts }, due))
  return { ...nothing, failed: 1 }
}

/** All in one transaction; when that fails, one by one, so that what is sound isn't held up by what isn't. */
const reviewBatch = async (
  parts: CollectorParts,
  review: Review,
  entries: readonly QueueEntry[],
): Promise<Collected> => {
  const { database, retention } = parts
  const kind = entries[0]?.kind ?? 'blob'
  try {
    return await database.transaction(async (sql) => {
      const result = await reviewIn(sql, retention, review, entries)
      await addTotal(sql, { kind, ...result })
      return result
    })
  } catch (error) {
    const [only, ...others] = entries
    if (only !== undefined && others.length === 0) return backOff(parts, only, error)
    let sum = nothing
    for (const entry of entries) sum = add(sum, await reviewBatch(parts, review, [entry]))
    return sum
  }
}

/** Deletes one object's bytes. No row names them any more: if one did, that would be our own mistake, and they stay. */
const deleteBytes = async ({ database, storage, logger }: CollectorParts, { key }: QueueEntry): Promise<boolean> => {
  if (await isStorageKeyInUse(database.sql, key)) {
    logger.error({ key }, 'a blob still needs an object that was to be deleted')
    return false
  }
  await storage.delete(key)
  return true
}

/** The bytes first, outside of any transaction, then the entries: a crash between the two deletes once more. */
const deleteObjects = async (parts: CollectorParts, entries: readonly QueueEntry[]): Promise<Collected> => {
  const outcomes = await Promise.allSettled(entries.map((entry) => deleteBytes(parts, entry)))
  const result = await parts.database.transaction(async (sql) => {
    let sum = nothing
    for (const [at, entry] of entries.entries()) {
      const outcome = outcomes[at]
      if (outcome?.status !== 'fulfilled' || !(await claim(sql, entry, new Date()))) continue
      const freed = outcome.value ? { collected: 1, freedBytes: entry.size } : {}
      sum = add(sum, { ...nothing, reviewed: 1, ...freed })
    }
    await addTotal(sql, { kind: 'object', ...sum })
    return sum
  })
  let sum = result
  for (const [at, entry] of entries.entries()) {
    const outcome = outcomes[at]
    if (outcome?.status === 'rejected') sum = add(sum, await backOff(parts, entry, outcome.reason))
  }
  return sum
}

interface Work {
  readonly parts: CollectorParts
  readonly kind: Kind
  readonly limit: number
  readonly signal: AbortSignal
  readonly perform: (entries: readonly QueueEntry[]) => Promise<Collected>
}

/** Works until nothing of this kind is due, a batch at a time, with a breath between. */
const work = async ({ parts, kind, limit, signal, perform }: Work): Promise<Collected> => {
  let sum = nothing
  while (!signal.aborted) {
    const entries = await listDue(parts.database.sql, kind, new Date(), limit)
    if (entries.length === 0) break
    sum = add(sum, await perform(entries))
    await new Promise(setImmediate)
  }
  return sum
}

/** One pass over everything that is due. Ends early when it is told to. */
export const collect = async (parts: CollectorParts, signal: AbortSignal): Promise<Collected> => {
  let sum = nothing
  for (const [kind, review] of reviews) {
    const perform = (entries: readonly QueueEntry[]) => reviewBatch(parts, review, entries)
    sum = add(sum, await work({ parts, kind, limit: batchSize, signal, perform }))
  }
  const perform = (entries: readonly QueueEntry[]) => deleteObjects(parts, entries)
  return add(sum, await work({ parts, kind: 'object', limit: deletionsAtOnce, signal, perform }))
}
