import type { Sql } from '@slipway/core'

/** The secret of this name; `made` becomes it, if there is none. Whichever process comes first, all get the same. */
export const ensureSecret = async (sql: Sql, name: string, made: Uint8Array): Promise<Uint8Array> => {
  await sql`
    INSERT INTO secret (name, value, created_at) VALUES (${name}, ${made}, ${new Date()})
    ON CONFLICT (name) DO NOTHING`
  const [row] = await sql<{ value: Uint8Array }>`SELECT value FROM secret WHERE name = ${name}`
  return row?.value ?? made
}
