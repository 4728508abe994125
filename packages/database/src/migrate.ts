import type { Database, Migration, Sql } from '@slipway/core'

/** A transaction that a migration runs in. No two processes are in one at the same time. */
export interface MigrationStep {
  readonly sql: Sql
  /** Runs a statement that has no values. */
  execute(statement: string): void | Promise<void>
}

/**
 * Applies the migrations that the database doesn't have yet, in order, each in a transaction of its own together with
 * the note that it was applied.
 */
export const applyMigrations = async (
  migrations: readonly Migration[],
  dialect: Database['dialect'],
  inTransaction: <T>(body: (step: MigrationStep) => Promise<T>) => Promise<T>,
): Promise<void> => {
  const applied = await inTransaction(async ({ sql, execute }) => {
    await execute('CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)')
    return new Set((await sql<{ name: string }>`SELECT name FROM migration`).map((row) => row.name))
  })
  for (const { name, statements } of migrations.filter((migration) => !applied.has(migration.name))) {
    await inTransaction(async ({ sql, execute }) => {
      // Another process may have been quicker.
      if ((await sql`SELECT 1 FROM migration WHERE name = ${name}`).length > 0) return
      for (const one of statements) {
        if (typeof one === 'string') await execute(one)
        else if (one.only === dialect) await execute(one.statement)
      }
      await sql`INSERT INTO migration (name, applied_at) VALUES (${name}, ${new Date()})`
    })
  }
}
