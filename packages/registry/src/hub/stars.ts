import type { Sql } from '@slipway/core'
import { accountOf, type Caller } from '../access/caller.ts'
import type { Asked } from '../api/route.ts'
import { ociError } from '../distribution/oci-error.ts'
import { findRepository } from '../metadata/repositories.ts'
import type { Registry } from '../registry.ts'

export const isStarredBy = async (sql: Sql, caller: Caller, repositoryId: number): Promise<boolean> => {
  const rows = await sql`
    SELECT 1 FROM repository_star WHERE account = ${accountOf(caller) ?? ''} AND repository_id = ${repositoryId}`
  return rows.length > 0
}

/** The list's order and `docker search` read the count from the repository's own row. */
const recount = async (sql: Sql, repositoryId: number): Promise<void> => {
  await sql`
    UPDATE repository SET stars = (SELECT count(*) FROM repository_star WHERE repository_id = ${repositoryId})
    WHERE id = ${repositoryId}`
}

const starrer = async (sql: Sql, { caller, repository }: Asked) => {
  const account = accountOf(caller)
  if (account === null) throw ociError('UNAUTHORIZED', { message: 'sign in to star a repository' })
  const found = await findRepository(sql, repository)
  if (found === undefined) throw ociError('NAME_UNKNOWN', { detail: { name: repository } })
  return { account, id: found.id }
}

/** However often: one star an account. */
export const putStar = async (request: Asked, { database }: Registry): Promise<void> => {
  await database.transaction(async (sql) => {
    const { account, id } = await starrer(sql, request)
    await sql`
      INSERT INTO repository_star (account, repository_id, starred_at) VALUES (${account}, ${id}, ${new Date()})
      ON CONFLICT (account, repository_id) DO NOTHING`
    await recount(sql, id)
  })
}

export const deleteStar = async (request: Asked, { database }: Registry): Promise<void> => {
  await database.transaction(async (sql) => {
    const { account, id } = await starrer(sql, request)
    await sql`DELETE FROM repository_star WHERE account = ${account} AND repository_id = ${id}`
    await recount(sql, id)
  })
}
