import type { Database, Digest } from '@slipway/core'
import { hasCode } from '@slipway/core'
import { type AnyBlob, findBlobAnywhere, isStorageKeyInUse, listBlobs, markLost } from '../metadata/blobs.ts'
import { enqueue, isQueued } from '../metadata/queue.ts'
import { findWrongUse, recountUse } from '../projects/use.ts'
import { isObjectIntact } from '../storage/digest.ts'
import type { BlobStorage } from '../storage/storage.ts'
import { checkManifests } from './manifests.ts'

export type Problem =
  | 'missing'
  | 'wrong size'
  | 'damaged'
  | 'orphan'
  | 'damaged manifest'
  | 'blob not in repository'
  | 'child missing'
  | 'wrong use'

/** Something that isn't as it should be; with `wrong use` `what` is a project. */
export interface Finding {
  readonly problem: Problem
  /** A digest, or a storage key. */
  readonly what: string
  readonly repository?: string
  /** Whether it was put right: a damaged blob is out of sight until it is pushed again, an orphan will be deleted. */
  readonly repaired: boolean
}

export interface CheckOptions {
  readonly repair: boolean
  /** Of how many blobs the bytes are read and hashed, from 0 to 1. */
  readonly sample: number
  /** Objects that no row names are somebody's upload until they are so old. */
  readonly orphanAgeMs: number
}

export interface CheckParts {
  readonly database: Database
  readonly storage: BlobStorage
}

const pageSize = 500

/** The same blobs in every run, so that a person can look again; spread evenly, because digests are. */
const isSampled = (digest: Digest, sample: number): boolean =>
  Number.parseInt(digest.slice(-8), 16) / 0x1_0000_0000 < sample

const inspect = async (storage: BlobStorage, blob: AnyBlob, sample: number): Promise<Problem | undefined> => {
  const object = await storage.stat(blob.storageKey)
  if (object === undefined) return 'missing'
  if (object.size !== blob.size) return 'wrong size'
  if (!isSampled(blob.digest, sample)) return undefined
  try {
    return (await isObjectIntact(storage, { key: blob.storageKey, digest: blob.digest })) ? undefined : 'damaged'
  } catch (error) {
    if (hasCode(error, 'not-found')) return 'missing'
    throw error
  }
}

async function* checkBlobs({ database, storage }: CheckParts, { repair, sample }: CheckOptions) {
  let last = ''
  while (true) {
    const blobs = await listBlobs(database.sql, { last, limit: pageSize })
    for (const blob of blobs) {
      const problem = await inspect(storage, blob, sample)
      if (problem === undefined) continue
      // While we looked, it may have been collected, and pushed again.
      const now = await findBlobAnywhere(database.sql, blob.digest)
      if (now?.storageKey !== blob.storageKey) continue
      const repaired = repair && (now.lostAt !== null || (await markLost(database.sql, blob)))
      yield { problem, what: blob.digest, repaired } satisfies Finding
    }
    const end = blobs.at(-1)
    if (end === undefined) return
    last = end.digest
  }
}

async function* checkObjects({ database, storage }: CheckParts, { repair, orphanAgeMs }: CheckOptions) {
  const before = new Date(Date.now() - orphanAgeMs)
  for await (const { key, size, storedAt } of storage.list()) {
    if (storedAt >= before) continue
    // In this order: a key goes from the row into the queue, never back.
    if (await isStorageKeyInUse(database.sql, key)) continue
    if (await isQueued(database.sql, 'object', key)) continue
    // Deleted since it was listed, then.
    if ((await storage.stat(key)) === undefined) continue
    if (repair) {
      await database.transaction((sql) =>
        enqueue(sql, { kind: 'object', key, reason: 'found by check', size }, new Date()),
      )
    }
    yield { problem: 'orphan', what: key, repaired: repair } satisfies Finding
  }
}

async function* checkUse({ database }: CheckParts, { repair }: CheckOptions) {
  for (const what of await findWrongUse(database.sql)) {
    if (repair) await database.transaction((sql) => recountUse(sql, what))
    yield { problem: 'wrong use', what, repaired: repair } satisfies Finding
  }
}

/**
 * Compares what the metadata says with what the storage has, both ways, and manifests with what they name; also while the
 * registry is at work. What it finds it tells as it goes.
 */
export async function* checkRegistry(
  parts: CheckParts,
  options: CheckOptions,
): AsyncGenerator<Finding, void, undefined> {
  yield* checkBlobs(parts, options)
  yield* checkManifests(parts.database)
  yield* checkObjects(parts, options)
  yield* checkUse(parts, options)
}
