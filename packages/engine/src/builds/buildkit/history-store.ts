import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { control } from '@slipway/buildkit'
import type { Database, Migration } from '@slipway/core'
import type { Status } from './progress.ts'

/**
 * The builds that ended, one row each. `record` and `progress` are messages of BuildKit's API, the progress deflated, and
 * `explained` is a JSON list of `ExplainedStep`. `size` is bytes of all three; `ended_at` is ISO 8601.
 */
export const buildHistoryMigrations: readonly Migration[] = [
  {
    name: 'build-history-0001',
    statements: [
      `CREATE TABLE build_history (
        ref TEXT PRIMARY KEY,
        ended_at TEXT NOT NULL,
        pinned INTEGER NOT NULL,
        size INTEGER NOT NULL,
        record BLOB NOT NULL,
        progress BLOB NOT NULL,
        explained TEXT NOT NULL
      )`,
      'CREATE INDEX build_history_ended_at ON build_history (ended_at)',
    ],
  },
]

/** Why a step was or wasn't cached; `Step` is as in `2/5 : RUN make`. */
export interface ExplainedStep {
  readonly Step: string
  readonly Lines: readonly string[]
}

export interface EndedBuild {
  readonly record: control.HistoryRecord
  readonly progress: Status
  readonly explained: readonly ExplainedStep[]
}

/** As many as BuildKit keeps. */
const mostBuilds = 50
/** Of what isn't pinned. */
const mostBytes = 64 << 20

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

const readRecord = (row: { readonly record: Uint8Array; readonly pinned: number }): control.HistoryRecord => ({
  ...control.historyRecord.decode(row.record),
  pinned: row.pinned !== 0,
})

/** What is known of builds that ended, in the engine's database: the newest ones, and those that somebody pinned. */
export const openHistoryStore = (database: Database) => {
  const { sql } = database
  return {
    async add({ record, progress, explained }: EndedBuild): Promise<void> {
      const told = await deflate(control.statusResponse.encode(progress))
      const [bytes, text] = [control.historyRecord.encode(record), JSON.stringify(explained)]
      const size = told.length + bytes.length + text.length
      const [ref, now] = [record.ref ?? '', new Date().toISOString()]
      await database.transaction(async (sql) => {
        await sql`
          INSERT INTO build_history (ref, ended_at, pinned, size, record, progress, explained)
          VALUES (${ref}, ${now}, 0, ${size}, ${bytes}, ${told}, ${text})
          ON CONFLICT (ref) DO UPDATE SET ended_at = ${now}, size = ${size}, record = ${bytes}, progress = ${told},
            explained = ${text}`
        await sql`
          DELETE FROM build_history WHERE pinned = 0 AND ref <> ${ref} AND (
            (SELECT COUNT(*) FROM build_history AS newer
              WHERE newer.pinned = 0 AND newer.ended_at >= build_history.ended_at) > ${mostBuilds}
            OR (SELECT SUM(newer.size) FROM build_history AS newer
              WHERE newer.pinned = 0 AND newer.ended_at >= build_history.ended_at) > ${mostBytes})`
      })
    },

    /** From the oldest to the newest. */
    async list(): Promise<readonly control.HistoryRecord[]> {
      const rows = await sql<{ record: Uint8Array; pinned: number }>`
        SELECT record, pinned FROM build_history ORDER BY ended_at`
      return rows.map(readRecord)
    },

    async find(ref: string): Promise<control.HistoryRecord | undefined> {
      const [row] = await sql<{ record: Uint8Array; pinned: number }>`
        SELECT record, pinned FROM build_history WHERE ref = ${ref}`
      return row && readRecord(row)
    },

    async progress(ref: string): Promise<Status | undefined> {
      const [row] = await sql<{ progress: Uint8Array }>`SELECT progress FROM build_history WHERE ref = ${ref}`
      return row && control.statusResponse.decode(await inflate(row.progress))
    },

    /** Of the newest build, unless one is named. */
    async explained(
      ref: string | undefined,
    ): Promise<{ readonly ref: string; readonly steps: readonly ExplainedStep[] } | undefined> {
      const [row] = await sql<{ ref: string; explained: string }>`
        SELECT ref, explained FROM build_history WHERE ${ref ?? null} IS NULL OR ref = ${ref ?? null}
        ORDER BY ended_at DESC LIMIT 1`
      return row && { ref: row.ref, steps: JSON.parse(row.explained) }
    },

    async pin(ref: string, pinned: boolean): Promise<void> {
      await sql`UPDATE build_history SET pinned = ${pinned} WHERE ref = ${ref}`
    },

    async remove(ref: string): Promise<void> {
      await sql`DELETE FROM build_history WHERE ref = ${ref}`
    },
  }
}

export type HistoryStore = ReturnType<typeof openHistoryStore>
