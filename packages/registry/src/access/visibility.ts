import { notFound, type Sql } from '@slipway/core'

/** Whether everyone may pull from a repository, or only those who were granted it. */
export type Visibility = 'public' | 'private'

/** Whether there is such a repository, and everyone may pull from it: it was made public itself, or its project is. */
export const isPublic = async (sql: Sql, name: string, fallback: Visibility): Promise<boolean> => {
  const rows = await sql`
    SELECT 1 FROM repository LEFT JOIN project ON project.name = repository.project
    WHERE repository.name = ${name} AND deleted_at IS NULL
      AND COALESCE(repository.visibility, project.visibility, ${fallback}) = 'public'`
  return rows.length > 0
}

export const isPublicProject = async (sql: Sql, name: string): Promise<boolean> =>
  (await sql`SELECT 1 FROM project WHERE name = ${name} AND visibility = 'public'`).length > 0

/** Throws not-found. */
export const setVisibility = async (sql: Sql, name: string, visibility: Visibility): Promise<void> => {
  const rows = await sql`
    UPDATE repository SET visibility = ${visibility} WHERE name = ${name} AND deleted_at IS NULL RETURNING id`
  if (rows.length === 0) throw notFound('repository', name)
}

export interface ReadableQuery {
  /** '' for nobody in particular. */
  readonly account: string
  /** Every repository, whoever asks. */
  readonly all: boolean
  readonly fallback: Visibility
  /** Exclusive. */
  readonly last: string
  readonly limit: number
}

/** Repositories with something in them that this account may pull from, by name. */
export const listReadable = async (sql: Sql, query: ReadableQuery): Promise<readonly string[]> => {
  const rows = await sql<{ name: string }>`
    SELECT repository.name FROM repository LEFT JOIN project ON project.name = repository.project
    WHERE repository.name > ${query.last} AND EXISTS (
      SELECT 1 FROM manifest WHERE manifest.repository_id = repository.id AND manifest.deleted_at IS NULL)
      AND (${query.all} OR COALESCE(repository.visibility, project.visibility, ${query.fallback}) = 'public' OR EXISTS (
        SELECT 1 FROM account_right
        WHERE account = ${query.account} AND actions LIKE '%pull%' AND repository.name LIKE names ESCAPE '\\'))
    ORDER BY repository.name LIMIT ${query.limit}`
  return rows.map(({ name }) => name)
}
