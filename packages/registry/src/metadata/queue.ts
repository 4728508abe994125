import type { Digest, Sql } from '@slipway/core'

/**
 * What the collector has to look at, and when. Whatever may take the last hold from something puts it in here, in the same
 * transaction; that it is in here says nothing yet: the collector looks at the facts.
 *
 * Where transactions run side by side, everyone locks in one order, or they would wait for one another: first the
 * repository, then the entry here, then the row that it is about.
 */
export type Kind = 'repository' | 'manifest' | 'blob' | 'object'

/** What happened. */
export type Reason =
  | 'pushed'
  | 'mounted'
  | 'untagged'
  | 'dangling'
  | 'unlinked'
  | 'deleted'
  | 'parent collected'
  | 'manifest collected'
  | 'superseded'
  | 'refused'
  | 'collected'
  | 'found by check'

export interface QueueEntry {
  readonly kind: Kind
  /** A repository's id, a blob's digest, a storage key, or what `manifestKey()` makes. */
  readonly key: string
  readonly reason: Reason
  /** Bytes that it will free; 0 where that isn't known yet. */
  readonly size: number
  readonly attempts: number
}

export type NewEntry = Pick<QueueEntry, 'kind' | 'key' | 'reason'> & { readonly size?: number }

export interface ManifestName {
  readonly repositoryId: number
  readonly digest: Digest
}

export const manifestKey = ({ repositoryId, digest }: ManifestName): string => `${repositoryId}/${digest}`

export const parseManifestKey = (key: string): ManifestName => {
  const [repositoryId = '', digest = ''] = key.split('/')
  return { repositoryId: Number(repositoryId), digest: digest as Digest }
}

/** To be looked at, at `due` or later: never sooner than somebody was promised already. In a transaction. */
export const enqueue = async (sql: Sql, { kind, key, reason, size = 0 }: NewEntry, due: Date): Promise<void> => {
  await sql`
    INSERT INTO gc_queue (kind, key, reason, size, review_after, attempts)
    VALUES (${kind}, ${key}, ${reason}, ${size}, ${due}, 0)
    ON CONFLICT (kind, key) DO UPDATE SET
      reason = excluded.reason, size = excluded.size, review_after = excluded.review_after, attempts = 0
      WHERE gc_queue.review_after < excluded.review_after`
}

/** To be looked at, at exactly `due`. In a transaction. */
export const schedule = async (
  sql: Sql,
  { kind, key, reason, size = 0, attempts = 0 }: NewEntry & { readonly attempts?: number },
  due: Date,
): Promise<void> => {
  await sql`
    INSERT INTO gc_queue (kind, key, reason, size, review_after, attempts)
    VALUES (${kind}, ${key}, ${reason}, ${size}, ${due}, ${attempts})
    ON CONFLICT (kind, key) DO UPDATE SET
      reason = excluded.reason, size = excluded.size, review_after = excluded.review_after,
      attempts = excluded.attempts`
}

/** What is due, the longest waiting first. */
export const listDue = (sql: Sql, kind: Kind, now: Date, limit: number): Promise<readonly QueueEntry[]> =>
  sql<QueueEntry>`
    SELECT kind, key, reason, size, attempts FROM gc_queue
    WHERE kind = ${kind} AND review_after <= ${now} ORDER BY review_after LIMIT ${limit}`

/**
 * What is due, the longest waiting first, and nobody else's until the transaction ends: what another process has taken, or a
 * client is about to put off, isn't waited for.
 */
export const takeDue = (sql: Sql, kind: Kind, now: Date, limit: number): Promise<readonly QueueEntry[]> =>
  sql<QueueEntry>`
    SELECT kind, key, reason, size, attempts FROM gc_queue
    WHERE kind = ${kind} AND review_after <= ${now} ORDER BY review_after LIMIT ${limit}
    /*postgres: FOR UPDATE SKIP LOCKED*/`

/** Waits for whoever has the entry, if there is one, and keeps it from the collector. In a transaction. */
export const holdEntry = async (sql: Sql, { kind, key }: Pick<QueueEntry, 'kind' | 'key'>): Promise<void> => {
  await sql`SELECT 1 FROM gc_queue WHERE kind = ${kind} AND key = ${key} /*postgres: FOR UPDATE*/`
}

/** Takes an entry out, if it is still due: whoever has, answers for it. In a transaction. */
export const claim = async (sql: Sql, { kind, key }: QueueEntry, now: Date): Promise<boolean> => {
  const rows = await sql`
    DELETE FROM gc_queue WHERE kind = ${kind} AND key = ${key} AND review_after <= ${now} RETURNING key`
  return rows.length > 0
}

/** Takes out an entry that was put off until `lease` by whoever asks; false when somebody else has done so since. */
export const claimLeased = async (sql: Sql, { kind, key }: QueueEntry, lease: Date): Promise<boolean> => {
  const rows = await sql`
    DELETE FROM gc_queue WHERE kind = ${kind} AND key = ${key} AND review_after = ${lease} RETURNING key`
  return rows.length > 0
}

/** How many wait, by kind. All of them are counted: 150 ms for a million. */
export const countQueue = (sql: Sql): Promise<readonly { readonly kind: Kind; readonly waiting: number }[]> =>
  sql`SELECT kind, count(*) AS waiting FROM gc_queue GROUP BY kind ORDER BY kind`

const kinds: readonly Kind[] = ['repository', 'manifest', 'blob', 'object']

/** When the next of each kind is due, or has been since: a look at the index each. */
export const listNextOfEach = async (
  sql: Sql,
): Promise<readonly { readonly kind: Kind; readonly next: string | null }[]> => {
  const look = async (kind: Kind) => {
    const [row] = await sql<{ next: string | null }>`
      SELECT min(review_after) AS next FROM gc_queue WHERE kind = ${kind}`
    return { kind, next: row?.next ?? null }
  }
  return Promise.all(kinds.map(look))
}

export interface QueueSummary {
  readonly kind: Kind
  readonly waiting: number
  readonly due: number
  readonly failing: number
  /** Bytes that are sure to be freed: of objects. */
  readonly bytes: number
  readonly next: string
}

export const summarizeQueue = (sql: Sql, now: Date): Promise<readonly QueueSummary[]> =>
  sql<QueueSummary>`
    SELECT kind, waiting, next,
      (SELECT count(*) FROM gc_queue WHERE gc_queue.kind = counted.kind AND review_after <= ${now}) AS due,
      (SELECT count(*) FROM gc_queue WHERE gc_queue.kind = counted.kind AND attempts > 0) AS failing,
      CASE WHEN kind = 'object' THEN (SELECT sum(size) FROM gc_queue WHERE gc_queue.kind = 'object') ELSE 0 END AS bytes
    FROM (SELECT kind, count(*) AS waiting, min(review_after) AS next FROM gc_queue GROUP BY kind) counted ORDER BY kind`

export interface NextReview extends QueueEntry {
  readonly reviewAfter: string
}

export const listNext = (sql: Sql, limit: number): Promise<readonly NextReview[]> =>
  sql<NextReview>`
    SELECT kind, key, reason, size, attempts, review_after AS "reviewAfter" FROM gc_queue
    ORDER BY review_after, kind, key LIMIT ${limit}`

/** What the collector has done since the registry was made. */
export interface GcTotal {
  readonly kind: Kind | 'upload'
  readonly reviewed: number
  readonly collected: number
  readonly freedBytes: number
}

export const addTotal = async (sql: Sql, { kind, reviewed, collected, freedBytes }: GcTotal): Promise<void> => {
  await sql`
    INSERT INTO gc_total (kind, reviewed, collected, freed_bytes, last_at)
    VALUES (${kind}, ${reviewed}, ${collected}, ${freedBytes}, ${new Date()})
    ON CONFLICT (kind) DO UPDATE SET
      reviewed = gc_total.reviewed + excluded.reviewed, collected = gc_total.collected + excluded.collected,
      freed_bytes = gc_total.freed_bytes + excluded.freed_bytes, last_at = excluded.last_at`
}

export const listTotals = (sql: Sql): Promise<readonly (GcTotal & { readonly lastAt: string })[]> =>
  sql<GcTotal & { readonly lastAt: string }>`
    SELECT kind, reviewed, collected, freed_bytes AS "freedBytes", last_at AS "lastAt" FROM gc_total ORDER BY kind`

export const isQueued = async (sql: Sql, kind: Kind, key: string): Promise<boolean> =>
  (await sql`SELECT 1 FROM gc_queue WHERE kind = ${kind} AND key = ${key}`).length > 0
