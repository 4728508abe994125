import { type Database, type DiffId, type Digest, isDigest } from '@slipway/core'

/** What was built before, by key. Rows can outlive the layers they name: who asks has to look whether those are there. */
export interface StepCache {
  /** The layers that a step added. */
  find(key: Digest): Promise<readonly DiffId[] | undefined>
  /** Remembers it under all its keys. */
  remember(keys: readonly Digest[], added: readonly DiffId[]): Promise<void>
  /** When the state with this key was reached first; asked with `renew`, now. */
  stateTime(key: Digest, renew: boolean): Promise<{ readonly createdAt: string; readonly known: boolean }>
}

/** A hit is written down at most this often: a cached build must not wait for the disk. */
const touchAfter = 3600_000

const parseLayers = (text: string): readonly DiffId[] | undefined => {
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed)) return undefined
  return parsed.every((item): item is DiffId => typeof item === 'string' && isDigest(item)) ? parsed : undefined
}

export const openStepCache = (database: Database): StepCache => ({
  async find(key) {
    const { sql } = database
    const [row] = await sql<{ added: string; used_at: string }>`
      SELECT added, used_at FROM build_steps WHERE key = ${key}`
    if (row === undefined) return undefined
    const now = new Date()
    if (now.getTime() - Date.parse(row.used_at) > touchAfter) {
      await sql`UPDATE build_steps SET used_at = ${now.toISOString()} WHERE key = ${key}`
    }
    return parseLayers(row.added)
  },

  async remember(keys, added) {
    const now = new Date().toISOString()
    const text = JSON.stringify(added)
    await database.transaction(async (sql) => {
      for (const key of keys) {
        await sql`
          INSERT INTO build_steps (key, added, created_at, used_at) VALUES (${key}, ${text}, ${now}, ${now})
          ON CONFLICT (key) DO UPDATE SET added = ${text}, created_at = ${now}, used_at = ${now}`
      }
    })
  },

  async stateTime(key, renew) {
    const { sql } = database
    const now = new Date().toISOString()
    const read = () => sql<{ created_at: string }>`SELECT created_at FROM build_states WHERE key = ${key}`
    const [known] = renew ? [] : await read()
    if (known !== undefined) return { createdAt: known.created_at, known: true }
    if (renew) {
      await sql`
        INSERT INTO build_states (key, created_at) VALUES (${key}, ${now})
        ON CONFLICT (key) DO UPDATE SET created_at = ${now}`
      return { createdAt: now, known: false }
    }
    // Two builds can reach the same state at the same time: the first one's time is everyone's.
    await sql`INSERT INTO build_states (key, created_at) VALUES (${key}, ${now}) ON CONFLICT (key) DO NOTHING`
    const [first] = await read()
    return { createdAt: first?.created_at ?? now, known: false }
  },
})

/** Forgets what was built. Returns how many steps were known. The layers go when no image needs them. */
export const pruneCache = async (database: Database): Promise<number> =>
  database.transaction(async (sql) => {
    const rows = await sql`DELETE FROM build_steps RETURNING key`
    await sql`DELETE FROM build_states`
    return rows.length
  })
