import { notFound, type Sql } from '@slipway/core'
import { closeSessionsOf } from '../hub/sessions.ts'
import { dropRefreshTokens } from './access-tokens.ts'

/** From now on nobody gets in as this account; its access tokens rest until it is enabled again. Throws not-found. */
export const disableAccount = async (sql: Sql, name: string): Promise<void> => {
  const rows = await sql`
    UPDATE account SET disabled_at = COALESCE(disabled_at, ${new Date()}) WHERE name = ${name} RETURNING name`
  if (rows.length === 0) throw notFound('account', name)
  await dropRefreshTokens(sql, name)
  await closeSessionsOf(sql, name)
}

/** Throws not-found. */
export const enableAccount = async (sql: Sql, name: string): Promise<void> => {
  const rows = await sql`UPDATE account SET disabled_at = NULL WHERE name = ${name} RETURNING name`
  if (rows.length === 0) throw notFound('account', name)
}
