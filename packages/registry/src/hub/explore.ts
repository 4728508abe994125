import type { RepositoryCard, RepositoryList, RepositorySearch } from '@slipway/client/hub'
import type { Database } from '@slipway/core'
import { readableBy } from '../access/readable.ts'
import type { ReadableQuery } from '../access/visibility.ts'
import type { Asked } from '../api/route.ts'
import type { Registry } from '../registry.ts'
import { part, runFragment } from '../search/fragment.ts'
import { matching, readableFragment } from '../search/matches.ts'

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

/** Repositories with something in them whose name or description holds the text, by name. */
const listCards = async (
  database: Database,
  { text, inProject, after, limit, readable }: Query,
): Promise<readonly RepositoryCard[]> => {
  const where = inProject === '' ? part`` : part`AND repository.project = ${inProject}`
  const rows = await runFragment<CardRow>(
    database.sql,
    part`
      SELECT repository.name, repository.description, stars, pulls, official, automated,
        COALESCE(repository.visibility, project.visibility, ${readable.fallback}) AS visibility,
        (SELECT max(pushed_at) FROM manifest
          WHERE manifest.repository_id = repository.id AND manifest.deleted_at IS NULL) AS "pushedAt"
      FROM repository LEFT JOIN project ON project.name = repository.project
      WHERE repository.name > ${after} ${where} AND ${await matching(database, text)}
        AND ${readableFragment(readable)}
      ORDER BY repository.name LIMIT ${limit}`,
  )
  return rows.map((row) => ({ ...row, official: Boolean(row.official), automated: Boolean(row.automated) }))
}

/** What the caller may read, by name. */
export const explore = async (
  { caller, query: { q = '', project = '', after = '' } }: Asked<{ readonly query: RepositorySearch }>,
  registry: Registry,
): Promise<RepositoryList> => {
  const readable = await readableBy(registry, caller)
  const page = { text: q, inProject: project, after, limit: pageSize + 1, readable }
  const found = await listCards(registry.database, page)
  const repositories = found.slice(0, pageSize)
  return { repositories, next: found.length > pageSize ? (repositories.at(-1)?.name ?? null) : null }
}
