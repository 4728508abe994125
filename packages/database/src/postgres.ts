import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Migration, Sql, SqlValue } from '@slipway/core'
import type { Pool, PoolClient } from 'pg'
import { ConnectionTurns } from './connection-turns.ts'
import { applyMigrations } from './migrate.ts'
import { asUnavailable, isCollision, isConnectionLost } from './postgres-error.ts'
import { type Statement, schemaText, statementOf } from './postgres-text.ts'

export interface PostgresOptions {
  /** Connections at most; more than that many at once wait. Default 10. */
  readonly connections?: number
  /** How long a new connection may take; default ten seconds. */
  readonly connectTimeoutMs?: number
}

/** How often a transaction is run anew that another one was in the way of. */
const attempts = 8
/** On a machine that has much else to do, it takes seconds until a server has forked and asked who is there. */
const patienceToConnectMs = 10_000
/** So that nobody waits for a new one after a moment of rest. */
const idleTimeoutMs = 5 * 60_000
/** A client waits no longer for an answer; a process that hangs doesn't hold its locks longer. */
const statementTimeoutMs = 30_000

const bindable = (value: SqlValue): string | number | boolean | null | Uint8Array => {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'bigint' ? value.toString() : value
}

/** Of all that PostgreSQL can send, what our schemas use: int8 and numeric (`sum()` of int8) are numbers here. */
const numbers: ReadonlySet<number> = new Set([20, 1700])

/** One migration at a time, whichever process it is in: any number does that nobody else locks. */
const migrationLock = 7_354_196_021

/**
 * A pool of connections. Each template becomes a prepared statement of the connection it is first used on: the server plans
 * it once. A connection that broke is thrown away, and the next request opens another.
 */
class PostgresDatabase implements Database {
  readonly dialect = 'postgres'
  readonly #pool: Pool
  readonly #turns: ConnectionTurns
  readonly #statements = new WeakMap<TemplateStringsArray, Statement>()

  constructor(pool: Pool, turns: ConnectionTurns) {
    this.#pool = pool
    this.#turns = turns
  }

  readonly sql: Sql = <Row extends object>(text: TemplateStringsArray, ...values: readonly SqlValue[]) =>
    this.#with((client) => this.#run<Row>(client, text, values))

  async transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#with((client) =>
          this.#inside(client, () => body((text, ...values) => this.#run(client, text, values))),
        )
      } catch (error) {
        if (!isCollision(error) || attempt === attempts) throw error
        // Two that met here would meet again if they came back after the same time.
        await sleep(Math.random() * 10 * 2 ** attempt)
      }
    }
  }

  migrate(migrations: readonly Migration[]): Promise<void> {
    return applyMigrations(migrations, this.dialect, (body) =>
      this.#with((client) =>
        this.#inside(client, async () => {
          const execute = async (statement: string): Promise<void> => {
            await client.query(schemaText(statement))
          }
          await execute('SET LOCAL statement_timeout = 0')
          await execute(`SELECT pg_advisory_xact_lock(${migrationLock})`)
          return body({ execute, sql: (text, ...values) => this.#run(client, text, values) })
        }),
      ),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end()
  }

  /** Lends a connection. One that broke isn't taken back. */
  async #with<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    await this.#turns.take()
    try {
      return await this.#lend(use)
    } finally {
      this.#turns.give()
    }
  }

  async #lend<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error) => {
      throw asUnavailable(error)
    })
    let broken = false
    try {
      return await use(client)
    } catch (error) {
      broken = isConnectionLost(error)
      throw error
    } finally {
      client.release(broken)
    }
  }

  async #inside<T>(client: PoolClient, body: () => Promise<T>): Promise<T> {
    await this.#command(client, 'BEGIN')
    try {
      const result = await body()
      await this.#command(client, 'COMMIT')
      return result
    } catch (error) {
      // A connection that can't even be told so is given up by the pool, and its transaction by the server.
      if (!isConnectionLost(error)) await this.#command(client, 'ROLLBACK')
      throw error
    }
  }

  async #command(client: PoolClient, text: string): Promise<void> {
    try {
      await client.query(text)
    } catch (error) {
      throw asUnavailable(error)
    }
  }

  async #run<Row extends object>(
    client: PoolClient,
    text: TemplateStringsArray,
    values: readonly SqlValue[],
  ): Promise<readonly Row[]> {
    let statement = this.#statements.get(text)
    if (statement === undefined) {
      statement = statementOf(text)
      this.#statements.set(text, statement)
    }
    try {
      return (await client.query({ ...statement, values: values.map(bindable) })).rows
    } catch (error) {
      throw asUnavailable(error)
    }
  }
}

/**
 * Opens the database at `url`: `postgres://user:password@host/name`, or `postgres:///name?user=me&host=/run/postgresql` for a
 * socket. Throws unavailable when it doesn't answer.
 */
export const openPostgres = async (
  url: string,
  { connections = 10, connectTimeoutMs = patienceToConnectMs }: PostgresOptions = {},
): Promise<Database> => {
  // Here, so that nobody pays for it (30 ms) who uses SQLite.
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'slipway',
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    query_timeout: statementTimeoutMs + 5_000,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    keepAlive: true,
    types: {
      getTypeParser: (oid, format) => (numbers.has(oid) ? Number : pg.types.getTypeParser(oid, format)),
    },
  })
  // A connection that breaks while nobody waits for it would end the process; whoever uses it next is told.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const database = new PostgresDatabase(pool, new ConnectionTurns(connections, statementTimeoutMs))
  try {
    await database.sql`SELECT 1`
    return database
  } catch (error) {
    await database[Symbol.asyncDispose]()
    throw error
  }
}
