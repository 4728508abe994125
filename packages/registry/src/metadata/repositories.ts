import { randomInt } from 'node:crypto'
import type { Sql } from '@slipway/core'
import { notFound } from '@slipway/core'
import { projectOf } from '../projects/name.ts'

export interface Repository {
  readonly id: number
  readonly name: string
  readonly description: string
}

/** Ids are drawn, not counted: no dialect's own idea of a sequence, and nothing to wait for. */
const newId = (): number => randomInt(1, 2 ** 48 - 1)

export const findRepository = async (sql: Sql, name: string): Promise<Repository | undefined> => {
  const rows =
    await sql<Repository>`SELECT id, name, description FROM repository WHERE name = ${name} AND deleted_at IS NULL`
  return rows[0]
}

/**
 * The repository of this name, made now if it isn't there: pushing to it is what makes a repository. One that was deleted
 * is there again, but what was in it stays in the trash.
 */
export const ensureRepository = async (sql: Sql, name: string): Promise<Repository> => {
  const known = await findRepository(sql, name)
  if (known) return known
  await sql`
    INSERT INTO repository (id, name, project, created_at)
    VALUES (${newId()}, ${name}, ${projectOf(name)}, ${new Date()})
    ON CONFLICT (name) DO UPDATE SET deleted_at = NULL`
  const made = await findRepository(sql, name)
  if (made === undefined) throw notFound('repository', name)
  return made
}

/**
 * Keeps the repository's manifests and tags for this transaction: two that change them come one after the other, on PostgreSQL
 * too. What a tag named before isn't forgotten so, and none waits for another that waits for it.
 */
export const holdRepository = async (sql: Sql, id: number): Promise<void> => {
  await sql`SELECT 1 FROM repository WHERE id = ${id} /*postgres: FOR NO KEY UPDATE*/`
}

/** What search shows. Throws not-found. */
export const describeRepository = async (sql: Sql, name: string, description: string): Promise<void> => {
  const rows = await sql`UPDATE repository SET description = ${description} WHERE name = ${name} RETURNING id`
  if (rows.length === 0) throw notFound('repository', name)
}
