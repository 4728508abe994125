import { type Database, hasCode, type Logger, messageOf, type Sql } from '@slipway/core'
import { isStorageKeyInUse } from '../metadata/blobs.ts'
import {
  addTotal,
  claim,
  claimLeased,
  type Kind,
  listDue,
  type QueueEntry,
  schedule,
  takeDue,
} from '../metadata/queue.ts'
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
/** A process that takes longer for them has died. */
const deletionLeaseMs = 5 * 60 * 1000
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

interface Job {
  readonly parts: CollectorParts
  readonly kind: Kind
  readonly review: Review
}

/** Reviews what `list` gives, in one transaction; undefined when it gives nothing. */
const reviewListed = ({ parts, kind, review }: Job, list: (sql: Sql) => Promise<readonly QueueEntry[]>) =>
  parts.database.transaction(async (sql) => {
    const entries = await list(sql)
    if (entries.length === 0) return undefined
    const result = await reviewIn(sql, parts.retention, review, entries)
    await addTotal(sql, { kind, ...result })
    return result
  })

/** One by one, so that what is sound isn't held up by what isn't. */
const reviewEach = async (job: Job, entries: readonly QueueEntry[]): Promise<Collected> => {
  let sum = nothing
  for (const entry of entries) {
    try {
      sum = add(sum, (await reviewListed(job, async () => [entry])) ?? nothing)
    } catch (error) {
      if (hasCode(error, 'unavailable')) throw error
      sum = add(sum, await backOff(job.parts, entry, error))
    }
  }
  return sum
}

/** A batch in one transaction; undefined when nothing is due that nobody else is at. */
const reviewBatch = async (job: Job): Promise<Collected | undefined> => {
  const { parts, kind } = job
  const now = new Date()
  try {
    return await reviewListed(job, (sql) => takeDue(sql, kind, now, batchSize))
  } catch (error) {
    if (hasCode(error, 'unavailable')) throw error
    return reviewEach(job, await listDue(parts.database.sql, kind, now, batchSize))
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

/** Takes objects for this process alone; whatever becomes of it, they are tried again when the lease is over. */
const leaseObjects = ({ database }: CollectorParts, lease: Date): Promise<readonly QueueEntry[]> =>
  database.transaction(async (sql) => {
    const entries = await takeDue(sql, 'object', new Date(), deletionsAtOnce)
    for (const entry of entries) await schedule(sql, entry, lease)
    return entries
  })

/** The bytes first, outside of any transaction, then the entries: a crash between the two deletes once more. */
const deleteObjects = async (parts: CollectorParts): Promise<Collected | undefined> => {
  const lease = inMs(deletionLeaseMs)
  const entries = await leaseObjects(parts, lease)
  if (entries.length === 0) return undefined
  const outcomes = await Promise.allSettled(entries.map((entry) => deleteBytes(parts, entry)))
  let sum = await parts.database.transaction(async (sql) => {
    let done = nothing
    for (const [at, entry] of entries.entries()) {
      const outcome = outcomes[at]
      if (outcome?.status !== 'fulfilled' || !(await claimLeased(sql, entry, lease))) continue
      const freed = outcome.value ? { collected: 1, freedBytes: entry.size } : {}
      done = add(done, { ...nothing, reviewed: 1, ...freed })
    }
    await addTotal(sql, { kind: 'object', ...done })
    return done
  })
  for (const [at, entry] of entries.entries()) {
    const outcome = outcomes[at]
    if (outcome?.status === 'rejected') sum = add(sum, await backOff(parts, entry, outcome.reason))
  }
  return sum
}

/** Works until nothing is due, a batch at a time, with a breath between. */
const work = async (perform: () => Promise<Collected | undefined>, signal: AbortSignal): Promise<Collected> => {
  let sum = nothing
  while (!signal.aborted) {
    const result = await perform()
    if (result === undefined) break
    sum = add(sum, result)
    await new Promise(setImmediate)
  }
  return sum
}

/** One pass over everything that is due. Ends early when it is told to. */
export const collect = async (parts: CollectorParts, signal: AbortSignal): Promise<Collected> => {
  let sum = nothing
  for (const [kind, review] of reviews) {
    sum = add(sum, await work(() => reviewBatch({ parts, kind, review }), signal))
  }
  return add(sum, await work(() => deleteObjects(parts), signal))
}
