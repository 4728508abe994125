import { SlipwayError, type Sql } from '@slipway/core'
import { newEventId } from '../audit/events.ts'
import type { TagChange } from '../webhooks/outbox.ts'

/** What was pulled, and how often since it was noted last. */
export interface Pulled {
  readonly repository: string
  /** A tag, or a digest. */
  readonly reference: string
  readonly digest: string
  readonly times: number
  readonly at: Date
}

/** In the transaction of the change itself: who watches sees what was acknowledged, and nothing that was rolled back. */
export const noteChangeInFeed = async (sql: Sql, change: TagChange): Promise<void> => {
  const { repositoryId, name, digest, by, at } = change
  const kind = digest === null ? 'delete' : 'push'
  await sql`
    INSERT INTO feed_event (id, at, kind, repository, reference, digest, account)
    SELECT ${newEventId(at)}, ${at}, ${kind}, name, ${name}, ${digest}, ${by} FROM repository WHERE id = ${repositoryId}`
}

export const notePullsInFeed = async (sql: Sql, pulls: Iterable<Pulled>): Promise<void> => {
  for (const { repository, reference, digest, times, at } of pulls) {
    await sql`
      INSERT INTO feed_event (id, at, kind, repository, reference, digest, times)
      VALUES (${newEventId(at)}, ${at}, ${'pull'}, ${repository}, ${reference}, ${digest}, ${times})`
  }
}

const atOnce = 500

/** Whether something has no number yet. */
export const isAnyWaiting = async (sql: Sql): Promise<boolean> =>
  (await sql`SELECT 1 FROM feed_event WHERE seq IS NULL LIMIT 1`).length > 0

/**
 * Gives numbers to what has none: one process at a time, so that they come into sight in their order, and a number that was
 * seen has none before it that is still to come. In a transaction.
 */
export const numberEvents = async (sql: Sql): Promise<void> => {
  const [position] = await sql<{ last: number }>`
    SELECT last FROM feed_position WHERE name = ${'feed'} /*postgres: FOR UPDATE*/`
  if (position === undefined) throw new SlipwayError('internal', 'the feed has no position')
  const waiting = await sql<{ id: string }>`
    SELECT id FROM feed_event WHERE seq IS NULL ORDER BY id LIMIT ${atOnce}`
  let { last } = position
  for (const { id } of waiting) {
    last += 1
    await sql`UPDATE feed_event SET seq = ${last} WHERE id = ${id}`
  }
  if (waiting.length > 0) await sql`UPDATE feed_position SET last = ${last} WHERE name = ${'feed'}`
}
