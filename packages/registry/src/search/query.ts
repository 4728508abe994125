import type { Database } from '@slipway/core'
import type { ReadableQuery } from '../access/visibility.ts'
import { part, runFragment } from './fragment.ts'
import { matching, readableFragment } from './matches.ts'

export interface SearchQuery {
  /** Whose repositories are found besides the public ones. */
  readonly readable: Pick<ReadableQuery, 'account' | 'all' | 'fallback'>
  readonly text: string
  readonly size: number
  /** Counted from 1. */
  readonly page: number
}

/** One line of `docker search`, as the v1 API names its parts. */
export interface SearchResult {
  readonly name: string
  readonly description: string
  readonly star_count: number
  readonly is_official: boolean
  readonly is_automated: boolean
  readonly is_trusted: boolean
}

interface SearchRow {
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: number | boolean
  readonly automated: number | boolean
}

const toResult = ({ name, description, stars, official, automated }: SearchRow): SearchResult => ({
  name,
  description,
  star_count: stars,
  is_official: Boolean(official),
  is_automated: Boolean(automated),
  is_trusted: Boolean(automated),
})

/** Nobody turns so many pages: beyond it isn't counted. */
const mostCounted = 1000

/**
 * Repositories whose name or description holds the text: official ones first, then by stars, then by name. `total` counts to
 * a thousand.
 */
export const searchRepositories = async (
  database: Database,
  { text, size, page, readable }: SearchQuery,
): Promise<{ readonly total: number; readonly results: readonly SearchResult[] }> => {
  const { sql } = database
  const found = part`
    FROM repository LEFT JOIN project ON project.name = repository.project
    WHERE ${await matching(database, text)} AND ${readableFragment(readable)}`
  const counted = part`SELECT count(*) AS total FROM (SELECT 1 AS one ${found} LIMIT ${mostCounted}) AS counted`
  const [count] = await runFragment<{ total: number }>(sql, counted)
  const listed = part`
    SELECT repository.name, repository.description, stars, official, automated ${found}
    ORDER BY official DESC, stars DESC, repository.name LIMIT ${size} OFFSET ${(page - 1) * size}`
  const rows = await runFragment<SearchRow>(sql, listed)
  return { total: Number(count?.total ?? 0), results: rows.map(toResult) }
}
