import { randomBytes } from 'node:crypto'
import { notFound, type Sql } from '@slipway/core'

/** Who somebody is elsewhere: the issuer says what its own words mean. */
export interface Identity {
  /** A provider's address, or `ldap`. */
  readonly issuer: string
  /** What never changes about a person there. */
  readonly subject: string
}

export const findLinked = async (sql: Sql, { issuer, subject }: Identity): Promise<string | undefined> => {
  const [row] = await sql<{ account: string }>`
    SELECT account FROM external_identity WHERE issuer = ${issuer} AND subject = ${subject}`
  return row?.account
}

/** Whose account it is afterwards: another's, if it was linked already. */
export const linkIdentity = async (
  sql: Sql,
  { issuer, subject }: Identity,
  account: string,
  label: string,
): Promise<string | undefined> => {
  await sql`
    INSERT INTO external_identity (id, issuer, subject, account, label, linked_at)
    VALUES (${randomBytes(8).toString('hex')}, ${issuer}, ${subject}, ${account}, ${label.slice(0, 200)}, ${new Date()})
    ON CONFLICT (issuer, subject) DO NOTHING`
  return findLinked(sql, { issuer, subject })
}

export interface LinkedIdentity {
  readonly id: string
  readonly issuer: string
  /** As they are called there. */
  readonly label: string
  readonly linkedAt: string
}

export const listIdentities = (sql: Sql, account: string): Promise<readonly LinkedIdentity[]> =>
  sql<LinkedIdentity>`
    SELECT id, issuer, label, linked_at AS "linkedAt" FROM external_identity
    WHERE account = ${account} ORDER BY linked_at, id`

/** Throws not-found. */
export const unlinkIdentity = async (sql: Sql, account: string, id: string): Promise<void> => {
  const rows = await sql`DELETE FROM external_identity WHERE account = ${account} AND id = ${id} RETURNING id`
  if (rows.length === 0) throw notFound('identity', id)
}
