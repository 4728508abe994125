import type { Sql } from '@slipway/core'
import type { ReadableQuery } from '../access/visibility.ts'

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

/** `%` and `_` in what a person typed mean themselves. */
const likePattern = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

const toResult = ({ name, description, stars, official, automated }: SearchRow): SearchResult => ({
  name,
  description,
  star_count: stars,
  is_official: Boolean(official),
  is_automated: Boolean(automated),
  is_trusted: Boolean(automated),
})

/** Repositories whose name or description holds the text: official ones first, then by stars, then by name. */
export const searchRepositories = async (
  sql: Sql,
  { text, size, page, readable: { account, all, fallback } }: SearchQuery,
): Promise<{ readonly total: number; readonly results: readonly SearchResult[] }> => {
  const pattern = likePattern(text)
  const [count] = await sql<{ total: number }>`
    SELECT count(*) AS total FROM repository LEFT JOIN project ON project.name = repository.project
    WHERE (repository.name LIKE ${pattern} ESCAPE '\\' OR lower(repository.description) LIKE ${pattern} ESCAPE '\\')
      AND EXISTS (
        SELECT 1 FROM manifest WHERE manifest.repository_id = repository.id AND manifest.deleted_at IS NULL)
      AND (${all} OR COALESCE(repository.visibility, project.visibility, ${fallback}) = 'public' OR EXISTS (
        SELECT 1 FROM account_right
        WHERE account = ${account} AND actions LIKE '%pull%' AND repository.name LIKE names ESCAPE '\\'))`
  const rows = await sql<SearchRow>`
    SELECT repository.name, repository.description, stars, official, automated
    FROM repository LEFT JOIN project ON project.name = repository.project
    WHERE (repository.name LIKE ${pattern} ESCAPE '\\' OR lower(repository.description) LIKE ${pattern} ESCAPE '\\')
      AND EXISTS (
        SELECT 1 FROM manifest WHERE manifest.repository_id = repository.id AND manifest.deleted_at IS NULL)
      AND (${all} OR COALESCE(repository.visibility, project.visibility, ${fallback}) = 'public' OR EXISTS (
        SELECT 1 FROM account_right
        WHERE account = ${account} AND actions LIKE '%pull%' AND repository.name LIKE names ESCAPE '\\'))
    ORDER BY official DESC, stars DESC, repository.name LIMIT ${size} OFFSET ${(page - 1) * size}`
  return { total: count?.total ?? 0, results: rows.map(toResult) }
}
