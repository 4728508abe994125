/** SQL behind one seam (`Database` in core). SQLite today; PostgreSQL is another file beside it. */
export { openSqlite, type SqliteOptions } from './sqlite.ts'
