import type { FeedEvent } from '@slipway/client/hub'
import type { Sql } from '@slipway/core'
import type { ReadableQuery } from '../access/visibility.ts'

type Row = Omit<FeedEvent, 'times'> & { readonly times: number | string }

const fromRow = ({ times, ...row }: Row): FeedEvent => ({ ...row, times: Number(times) })

/** The number of the newest; 0 where there is none. */
export const lastNumber = async (sql: Sql): Promise<number> => {
  const [row] = await sql<{ last: number }>`SELECT last FROM feed_position WHERE name = ${'feed'}`
  return Number(row?.last ?? 0)
}

/** The number of the oldest that is still known; undefined where there is none. */
export const firstNumber = async (sql: Sql): Promise<number | undefined> => {
  const [row] = await sql<{ first: number | null }>`SELECT min(seq) AS first FROM feed_event`
  return row?.first == null ? undefined : Number(row.first)
}

/** What came after a number, the oldest first. */
export const eventsAfter = async (sql: Sql, after: number, limit: number): Promise<readonly FeedEvent[]> => {
  const rows = await sql<Row>`
    SELECT seq, at, kind, repository, reference, digest, account, times FROM feed_event
    WHERE seq > ${after} ORDER BY seq LIMIT ${limit}`
  return rows.map(fromRow)
}

export interface FeedQuery {
  /** '' for all. */
  readonly repository: string
  /** Exclusive. */
  readonly before: number
  readonly limit: number
  readonly readable: Pick<ReadableQuery, 'account' | 'all' | 'fallback'>
}

/** What happened in repositories that the account may read, the newest first. */
export const listFeed = async (
  sql: Sql,
  { repository, before, limit, readable }: FeedQuery,
): Promise<readonly FeedEvent[]> => {
  const { account, all, fallback } = readable
  const rows = await sql<Row>`
    SELECT seq, at, kind, feed_event.repository, reference, digest, account, times FROM feed_event
    JOIN repository ON repository.name = feed_event.repository LEFT JOIN project ON project.name = repository.project
    WHERE seq < ${before} AND (${repository === ''} OR feed_event.repository = ${repository})
      AND (${all} OR COALESCE(repository.visibility, project.visibility, ${fallback}) = 'public' OR EXISTS (
        SELECT 1 FROM account_right
        WHERE account_right.account = ${account} AND actions LIKE '%pull%' AND repository.name LIKE names ESCAPE '\\'))
    ORDER BY seq DESC LIMIT ${limit}`
  return rows.map(fromRow)
}

export const dropOldFeed = async (sql: Sql, before: Date): Promise<void> => {
  await sql`DELETE FROM feed_event WHERE at < ${before}`
}
