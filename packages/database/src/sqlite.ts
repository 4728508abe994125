import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Database, Migration, Sql, SqlValue } from '@slipway/core'
import { applyMigrations } from './migrate.ts'
import { asUnavailable } from './sqlite-error.ts'
import { type LogState, WriteAheadLog } from './write-ahead-log.ts'

export interface SqliteOptions {
  /**
   * With `full` a write returns when it has reached the disk: what was acknowledged survives a power cut. The disk is waited
   * for aside, once for all who wrote meanwhile; what others read in these milliseconds may not last. `normal` (the default)
   * survives the death of the process, and of the machine but for the last moments.
   */
  readonly synchronous?: 'full' | 'normal'
}

const bindable = (value: SqlValue): string | number | bigint | null | Uint8Array => {
  if (typeof value === 'boolean') return value ? 1 : 0
  return value instanceof Date ? value.toISOString() : value
}

const reading = /^\s*(?:SELECT|PRAGMA)\b/

/**
 * One connection, in WAL mode. node:sqlite is synchronous: statements must stay short (30,000 autocommits/s and 90,000
 * point reads/s were measured). While a transaction is open, statements from outside it wait.
 */
class SqliteDatabase implements Database {
  readonly dialect = 'sqlite'
  readonly #connection: DatabaseSync
  /** By template: the same call site always has the same strings array. */
  readonly #statements = new WeakMap<TemplateStringsArray, StatementSync>()
  /** Settled once the last transaction that was asked for has ended. */
  #turn: Promise<void> = Promise.resolve()
  #busy = 0
  /** Whether a turn is taken in which nobody writes. */
  #isStill = false
  /** What makes commits last; undefined: nobody waits for that. */
  readonly #log: WriteAheadLog | undefined

  constructor(path: string, options: SqliteOptions) {
    this.#connection = new DatabaseSync(path)
    this.#connection.exec('PRAGMA busy_timeout = 5000')
    this.#connection.exec('PRAGMA journal_mode = WAL')
    this.#connection.exec('PRAGMA synchronous = NORMAL')
    if (options.synchronous === 'full' && path !== ':memory:') this.#log = this.#takeLog(path)
    this.#connection.exec('PRAGMA foreign_keys = ON')
  }

  /** SQLite would sync the log and take it in by itself, in the middle of commits, and hold the event loop meanwhile. */
  #takeLog(path: string): WriteAheadLog {
    this.#connection.exec('PRAGMA wal_autocheckpoint = 0')
    const asking = this.#connection.prepare('PRAGMA wal_checkpoint(NOOP)')
    return new WriteAheadLog(path, {
      state: (): LogState => {
        const { log, checkpointed } = asking.get() as { log: number; checkpointed: number }
        return { pages: log, waiting: log - checkpointed }
      },
      still: (body) => this.#still(body),
    })
  }

  readonly sql: Sql = async <Row extends object>(text: TemplateStringsArray, ...values: readonly SqlValue[]) => {
    const log = reading.test(text[0] ?? '') ? undefined : this.#log
    if (log?.isRefused) await log.mended()
    while (this.#busy > 0 || (log !== undefined && this.#isStill)) await this.#turn
    const rows = this.#run<Row>(text, values)
    log?.grew()
    await log?.reached()
    return rows
  }

  async transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T> {
    if (this.#log?.isRefused) await this.#log.mended()
    this.#busy += 1
    const result = await this.#inTurn(async () => {
      try {
        return await this.#inside(body)
      } finally {
        this.#busy -= 1
      }
    })
    // The next one's turn has come already.
    await this.#log?.reached()
    return result
  }

  /** Others' turns come before it, and after it. */
  async #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const before = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    try {
      await before
      return await body()
    } finally {
      resolve()
    }
  }

  #still(body: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      this.#isStill = true
      try {
        await body()
      } finally {
        this.#isStill = false
      }
    })
  }

  async #inside<T>(body: (sql: Sql) => Promise<T>): Promise<T> {
    this.#execute('BEGIN IMMEDIATE')
    try {
      const result = await body(async (text, ...values) => this.#run(text, values))
      this.#execute('COMMIT')
      this.#log?.grew()
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
      throw error
    }
  }

  #execute(text: string): void {
    try {
      this.#connection.exec(text)
    } catch (error) {
      throw asUnavailable(error)
    }
  }

  #run<Row extends object>(text: TemplateStringsArray, values: readonly SqlValue[]): readonly Row[] {
    try {
      let statement = this.#statements.get(text)
      if (statement === undefined) {
        statement = this.#connection.prepare(text.join('?'))
        this.#statements.set(text, statement)
      }
      return statement.all(...values.map(bindable)) as Row[]
    } catch (error) {
      throw asUnavailable(error)
    }
  }

  migrate(migrations: readonly Migration[]): Promise<void> {
    const execute = (statement: string): void => this.#connection.exec(statement)
    return applyMigrations(migrations, this.dialect, (body) => this.transaction((sql) => body({ sql, execute })))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
    await this.#log?.[Symbol.asyncDispose]()
    if (this.#connection.isOpen) this.#connection.close()
  }
}

/** Opens (and makes, if need be) the database file at `path`; `:memory:` for one that lives as long as the process. */
export const openSqlite = async (path: string, options: SqliteOptions = {}): Promise<Database> =>
  new SqliteDatabase(path, options)
