export type SqlValue = string | number | bigint | boolean | null | Uint8Array | Date

/**
 * `` sql`SELECT * FROM tags WHERE repository = ${id}` ``: values are always bound, never pasted in.
 * Booleans come back as 0 and 1 from SQLite; times are ISO 8601 text in every dialect.
 */
export type Sql = <Row extends object>(
  text: TemplateStringsArray,
  ...values: readonly SqlValue[]
) => Promise<readonly Row[]>

/** One step of a schema's history. Steps are applied in order, once each, in a transaction; never edit one that shipped. */
export interface Migration {
  readonly name: string
  readonly statements: readonly string[]
}

/** SQLite or PostgreSQL. Queries are written once, in the SQL both speak; a driver is one file. */
export interface Database extends AsyncDisposable {
  readonly dialect: 'sqlite' | 'postgres'
  readonly sql: Sql
  /** All or nothing. What it returned for has reached the disk. Use only the `sql` it is given inside. */
  transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T>
  /** Brings the schema up to date. */
  migrate(migrations: readonly Migration[]): Promise<void>
}
