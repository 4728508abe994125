/** SQL behind one seam (`Database` in core): SQLite, and PostgreSQL. */
export { openPostgres, type PostgresOptions } from './postgres.ts'
export { openSqlite, type SqliteOptions } from './sqlite.ts'
