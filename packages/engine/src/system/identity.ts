import { randomUUID } from 'node:crypto'
import type { Database, Migration } from '@slipway/core'

export const identityMigrations: readonly Migration[] = [
  { name: 'identity-1', statements: ['CREATE TABLE identity (id TEXT PRIMARY KEY)'] },
]

/** The engine's own id, made at its first start. */
export const engineId = async (database: Database): Promise<string> => {
  const known = await database.sql<{ id: string }>`SELECT id FROM identity`
  if (known[0]) return known[0].id
  const id = randomUUID()
  await database.sql`INSERT INTO identity (id) VALUES (${id})`
  return id
}
