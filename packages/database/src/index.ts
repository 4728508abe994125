/** SQL behind one seam (`Database` in core): SQLite, and PostgreSQL. */
export { openPostgres, type PostgresOptions } from './postgres.ts'
export { SpaceReserve, withReserve } from './space-reserve.ts'
export { openSqlite, type SqliteOptions } from './sqlite.ts'
export { isFull } from './sqlite-error.ts'
