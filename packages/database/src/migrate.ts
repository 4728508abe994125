import type { Database, Migration } from '@slipway/core'

/**
 * Applies the migrations that the database doesn't have yet, in order, each in a transaction of its own together with
 * the note that it was applied.
 */
export const applyMigrations = async (
  database: Database,
  migrations: readonly Migration[],
  execute: (statement: string) => void | Promise<void>,
): Promise<void> => {
  await database.sql`CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)`
  const rows = await database.sql<{ name: string }>`SELECT name FROM migration`
  const applied = new Set(rows.map((row) => row.name))
  for (const migration of migrations.filter(({ name }) => !applied.has(name))) {
    await database.transaction(async (sql) => {
      for (const statement of migration.statements) await execute(statement)
      await sql`INSERT INTO migration (name, applied_at) VALUES (${migration.name}, ${new Date()})`
    })
  }
}
