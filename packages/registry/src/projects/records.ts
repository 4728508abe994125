import type { ProjectRow } from '@slipway/client'
import { conflict, notFound, SlipwayError, type Sql } from '@slipway/core'
import type { ReadableQuery, Visibility } from '../access/visibility.ts'
import { editedMeanwhile } from '../api/edited-meanwhile.ts'
import { projectNameFrom } from './name.ts'
import { recountUse } from './use.ts'

export interface NewProject {
  readonly name: string
  readonly description: string
  readonly visibility: Visibility
  /** Bytes; null: no limit. */
  readonly quota: number | null
  /** Who owns it; null where nobody has an account. */
  readonly by: string | null
}

/** Whether there are repositories under this name, those in the trash too. */
const hasRepositories = async (sql: Sql, project: string): Promise<boolean> =>
  (await sql`SELECT 1 FROM repository WHERE project = ${project} LIMIT 1`).length > 0

/** Whether nobody has anything under this name: then whoever comes first may make the project. */
export const isNameFree = async (sql: Sql, name: string): Promise<boolean> => {
  const there = await sql`SELECT 1 FROM project WHERE name = ${name}`
  return there.length === 0 && !(await hasRepositories(sql, name))
}

/**
 * Makes a project, and who makes it its owner. Repositories that are there under its name are in it from then on: only who
 * manages the registry may take them over so (`over`). Throws invalid, already-exists or conflict. In a transaction.
 */
export const addProject = async (
  sql: Sql,
  { name, description, visibility, quota, by }: NewProject,
  { over }: { readonly over: boolean },
): Promise<void> => {
  if (!over && (await hasRepositories(sql, name))) {
    throw conflict(
      `there are repositories named ${name}/… already: only who manages the registry may make their project`,
    )
  }
  const now = new Date()
  const made = await sql`
    INSERT INTO project (name, description, visibility, quota, created_by, created_at)
    VALUES (${projectNameFrom(name)}, ${description}, ${visibility}, ${quota}, ${by}, ${now})
    ON CONFLICT (name) DO NOTHING RETURNING name`
  if (made.length === 0) throw new SlipwayError('already-exists', `there is a project named ${name} already`)
  if (by !== null) {
    await sql`
      INSERT INTO project_member (project, account, role, added_at) VALUES (${name}, ${by}, ${'owner'}, ${now})`
  }
  await recountUse(sql, name)
}

/** What is written of a project; its use is told to whom it concerns. */
export type Project = ProjectRow & { readonly used: number }

/** Throws not-found. */
export const findProject = async (sql: Sql, name: string): Promise<Project & { readonly edition: number }> => {
  const [row] = await sql<Project & { readonly edition: number }>`
    SELECT name, description, visibility, quota, used, edition, created_at AS "createdAt",
      (SELECT count(*) FROM repository WHERE repository.project = project.name AND deleted_at IS NULL) AS repositories
    FROM project WHERE name = ${name}`
  if (row === undefined) throw notFound('project', name)
  return row
}

export interface ProjectQuery {
  readonly text: string
  /** Exclusive; '' for the first page. */
  readonly after: string
  readonly limit: number
  /** Those alone in which the account has a right. */
  readonly mine: boolean
  readonly readable: Pick<ReadableQuery, 'account' | 'all'>
}

/** Projects that are public, or in which the account has a right, by name. */
export const listProjects = (
  sql: Sql,
  { text, after, limit, mine, readable: { account, all } }: ProjectQuery,
): Promise<readonly Project[]> => {
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
  return sql<Project>`
    SELECT name, description, visibility, quota, used, created_at AS "createdAt",
      (SELECT count(*) FROM repository WHERE repository.project = project.name AND deleted_at IS NULL) AS repositories
    FROM project
    WHERE name > ${after} AND (name LIKE ${pattern} ESCAPE '\\' OR lower(description) LIKE ${pattern} ESCAPE '\\')
      AND ((NOT ${mine} AND (${all} OR visibility = 'public')) OR EXISTS (
        SELECT 1 FROM account_right
        WHERE account = ${account} AND names <> '%' AND project.name || '/' LIKE names ESCAPE '\\'))
    ORDER BY name LIMIT ${limit}`
}

export interface ProjectChange {
  readonly description?: string | undefined
  readonly visibility?: Visibility | undefined
  /** The one that was edited; without it, whatever is there is changed. */
  readonly edition?: number | undefined
}

/**
 * What isn't given stays. Whoever makes it public or private means all of it: what single repositories were made before is over.
 * Throws not-found, or conflict when somebody else has changed that edition. In a transaction.
 */
export const changeProject = async (
  sql: Sql,
  name: string,
  { description, visibility, edition }: ProjectChange,
): Promise<void> => {
  const [before] = await sql<{ visibility: Visibility; edition: number }>`
    SELECT visibility, edition FROM project WHERE name = ${name} /*postgres: FOR UPDATE*/`
  if (before === undefined) throw notFound('project', name)
  if (edition !== undefined && edition !== before.edition) throw editedMeanwhile()
  await sql`
    UPDATE project SET description = COALESCE(${description ?? null}, description),
      visibility = COALESCE(${visibility ?? null}, visibility), edition = edition + 1
    WHERE name = ${name}`
  if (visibility !== undefined && before.visibility !== visibility) {
    await sql`UPDATE repository SET visibility = NULL WHERE project = ${name} AND visibility IS NOT NULL`
  }
}

/** In bytes; null: no limit. What is there already stays. Throws not-found. */
export const setQuota = async (sql: Sql, name: string, quota: number | null): Promise<void> => {
  const rows = await sql`UPDATE project SET quota = ${quota} WHERE name = ${name} RETURNING name`
  if (rows.length === 0) throw notFound('project', name)
}

/** Ends a project that has no repositories any more; its robots go with it. Throws conflict, or not-found. In a transaction. */
export const removeProject = async (sql: Sql, name: string): Promise<void> => {
  const { repositories } = await findProject(sql, name)
  if (repositories > 0) throw conflict(`project ${name} has ${repositories} repositories: delete them first`)
  await sql`DELETE FROM account WHERE name IN (SELECT account FROM project_robot WHERE project = ${name})`
  await sql`DELETE FROM project WHERE name = ${name}`
}
