import type { RepositoryCard, RepositoryList, RepositorySearch } from '@slipway/client/hub'
import type { Sql } from '@slipway/core'
import { readableBy } from '../access/readable.ts'
import type { ReadableQuery } from '../access/visibility.ts'
import type { Asked } from '../api/route.ts'
import type { Registry } from '../registry.ts'

type CardRow = Omit<RepositoryCard, 'official' | 'automated'> & {
  readonly official: number | boolean
  readonly automated: number | boolean
}

interface Query {
  readonly text: string
  /** '' for all. */
  readonly inProject: string
  /** The name that the page before ended with; '' for the first. */
  readonly after: string
  readonly limit: number
  readonly readable: Pick<ReadableQuery, 'account' | 'all' | 'fallback'>
}

const pageSize = 50

const likePattern = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

/** Repositories with something in them whose name or description holds the text, by name. */
const listCards = async (
  sql: Sql,
  { text, inProject, after, limit, readable }: Query,
): Promise<readonly RepositoryCard[]> => {
  const pattern = likePattern(text)
  const { account, all, fallback } = readable
  const rows = await sql<CardRow>`
    SELECT repository.name, repository.description, stars, pulls, official, automated,
      COALESCE(repository.visibility, project.visibility, ${fallback}) AS visibility,
      (SELECT max(pushed_at) FROM manifest
        WHERE manifest.repository_id = repository.id AND manifest.deleted_at IS NULL) AS "pushedAt"
    FROM repository LEFT JOIN project ON project.name = repository.project
    WHERE repository.name > ${after} AND (${inProject === ''} OR repository.project = ${inProject})
      AND (repository.name LIKE ${pattern} ESCAPE '\\' OR lower(repository.description) LIKE ${pattern} ESCAPE '\\')
      AND EXISTS (
        SELECT 1 FROM manifest WHERE manifest.repository_id = repository.id AND manifest.deleted_at IS NULL)
      AND (${all} OR COALESCE(repository.visibility, project.visibility, ${fallback}) = 'public' OR EXISTS (
        SELECT 1 FROM account_right
        WHERE account = ${account} AND actions LIKE '%pull%' AND repository.name LIKE names ESCAPE '\\'))
    ORDER BY repository.name LIMIT ${limit}`
  return rows.map((row) => ({ ...row, official: Boolean(row.official), automated: Boolean(row.automated) }))
}

/** What the caller may read, by name. */
export const explore = async (
  { caller, query: { q = '', project = '', after = '' } }: Asked<{ readonly query: RepositorySearch }>,
  registry: Registry,
): Promise<RepositoryList> => {
  const readable = await readableBy(registry, caller)
  const page = { text: q, inProject: project, after, limit: pageSize + 1, readable }
  const found = await listCards(registry.database.sql, page)
  const repositories = found.slice(0, pageSize)
  return { repositories, next: found.length > pageSize ? (repositories.at(-1)?.name ?? null) : null }
}
