import { createHash } from 'node:crypto'
import type { Database, Sql } from '@slipway/core'
import { type AttemptLimit, type Attempts, FailedAttempts, type Guesser } from './attempts.ts'

/** What was typed may be long, and is nobody's business. */
const keyOf = (kind: string, { account, address }: Guesser): string =>
  createHash('sha256').update(`${kind}\0${account}\0${address}`).digest('hex')

/** In the database, for all processes over it. Of `kind`: others' guesses are counted apart. */
const sharedAttempts = (sql: Sql, kind: string, { allowed, windowMs }: AttemptLimit): Attempts => ({
  async begin(guesser) {
    const key = keyOf(kind, guesser)
    const now = Date.now()
    const counted = await sql`
      INSERT INTO failed_attempt (key, count, until) VALUES (${key}, ${1}, ${new Date(now + windowMs)})
      ON CONFLICT (key) DO UPDATE SET until = excluded.until,
        count = CASE WHEN failed_attempt.until > ${new Date(now)} THEN failed_attempt.count + 1 ELSE 1 END
      WHERE failed_attempt.count < ${allowed} OR failed_attempt.until <= ${new Date(now)} RETURNING key`
    if (counted.length > 0) return 0
    const [row] = await sql<{ until: string }>`SELECT until FROM failed_attempt WHERE key = ${key}`
    return row === undefined ? 0 : Math.max(1, Math.ceil((Date.parse(row.until) - now) / 1000))
  },
  async forgive(guesser) {
    await sql`UPDATE failed_attempt SET count = count - 1 WHERE key = ${keyOf(kind, guesser)}`
  },
  async succeeded(guesser) {
    await sql`DELETE FROM failed_attempt WHERE key = ${keyOf(kind, guesser)}`
  },
})

/** Where several processes may be at work they count together; a process alone needs no database for it. */
export const openAttempts = ({ dialect, sql }: Pick<Database, 'dialect' | 'sql'>, kind: string, limit: AttemptLimit) =>
  dialect === 'postgres' ? sharedAttempts(sql, kind, limit) : new FailedAttempts(limit)

export const dropOldAttempts = async (sql: Sql, now: Date): Promise<void> => {
  await sql`DELETE FROM failed_attempt WHERE until <= ${now}`
}
