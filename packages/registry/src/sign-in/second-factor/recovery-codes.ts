import { createHash, randomInt } from 'node:crypto'
import type { Sql } from '@slipway/core'

const count = 10
const letters = 10
/** Without those that are taken for one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

/** What a person types is taken with or without its hyphen, in any case. */
const bare = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '')

/** 49 bits, of which five may be tried in a quarter of an hour: a slow hash would add nothing. */
const digestOf = (code: string): string => createHash('sha256').update(bare(code)).digest('hex')

const makeCode = (): string => {
  const code = Array.from({ length: letters }, () => alphabet[randomInt(alphabet.length)]).join('')
  return `${code.slice(0, letters / 2)}-${code.slice(letters / 2)}`
}

/** New ones in place of those that were there; told this once. In a transaction. */
export const makeRecoveryCodes = async (sql: Sql, account: string): Promise<readonly string[]> => {
  await sql`DELETE FROM recovery_code WHERE account = ${account}`
  const codes = Array.from({ length: count }, makeCode)
  for (const code of codes)
    await sql`INSERT INTO recovery_code (account, digest) VALUES (${account}, ${digestOf(code)})`
  return codes
}

/** Uses one up; false when it is none. */
export const useRecoveryCode = async (sql: Sql, account: string, code: string): Promise<boolean> => {
  const rows = await sql`
    DELETE FROM recovery_code WHERE account = ${account} AND digest = ${digestOf(code)} RETURNING digest`
  return rows.length > 0
}

export const countRecoveryCodes = async (sql: Sql, account: string): Promise<number> => {
  const [row] = await sql<{ count: number }>`SELECT count(*) AS count FROM recovery_code WHERE account = ${account}`
  return Number(row?.count ?? 0)
}
