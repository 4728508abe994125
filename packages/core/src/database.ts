export type SqlValue = string | number | bigint | boolean | null | Uint8Array | Date

/**
 * `` sql`SELECT * FROM tags WHERE repository = ${id}` ``: values are always bound, never pasted in.
 * Booleans come back as 0 and 1 from SQLite; times are ISO 8601 text, whole numbers are numbers, and text sorts by its
 * bytes in every dialect.
 *
 * What stands in a comment that begins with `postgres:` is said to PostgreSQL alone:
 * `` sql`SELECT size FROM blob WHERE digest = ${digest} /*postgres: FOR SHARE*\/` ``. It is for what SQLite, with its one
 * writer, neither knows nor needs: locks on rows.
 */
export type Sql = <Row extends object>(
  text: TemplateStringsArray,
  ...values: readonly SqlValue[]
) => Promise<readonly Row[]>

/** One step of a schema's history. Steps are applied in order, once each, in a transaction; never edit one that shipped. */
export interface Migration {
  readonly name: string
  readonly statements: readonly (string | DialectStatement)[]
}

/** A statement for one dialect alone: an index that only it has. */
export interface DialectStatement {
  readonly only: Database['dialect']
  readonly statement: string
}

/**
 * SQLite or PostgreSQL. Queries are written once, in the SQL both speak; a driver is one file.
 *
 * Throws unavailable, with `retryAfterSeconds` in its detail, while the database can't be reached or has no room: nothing was
 * changed then, or it can't be known, and the same may be asked again later.
 */
export interface Database extends AsyncDisposable {
  readonly dialect: 'sqlite' | 'postgres'
  readonly sql: Sql
  /**
   * All or nothing. What it returned for has reached the disk. Use only the `sql` it is given inside. The body may be run
   * again, after two that waited for one another: it must do nothing that the end of a transaction can't take back.
   *
   * On PostgreSQL transactions run side by side, and each statement sees what was committed before it: what a decision stands
   * on must be locked first.
   */
  transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T>
  /** Brings the schema up to date; when two processes begin at once, one waits for the other. */
  migrate(migrations: readonly Migration[]): Promise<void>
}
