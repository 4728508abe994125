import { notFound, type Sql } from '@slipway/core'

/** Takes an account away, with its sessions, its tokens and its stars. Throws not-found. In a transaction. */
export const removeAccount = async (sql: Sql, name: string): Promise<void> => {
  const starred = await sql<{ id: number }>`
    DELETE FROM repository_star WHERE account = ${name} RETURNING repository_id AS id`
  const rows = await sql`DELETE FROM account WHERE name = ${name} RETURNING name`
  if (rows.length === 0) throw notFound('account', name)
  for (const { id } of starred) await sql`UPDATE repository SET stars = stars - 1 WHERE id = ${id}`
}
