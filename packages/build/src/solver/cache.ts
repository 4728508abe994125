import { type ChainId, chainIdOf, type Database, type DiffId, type Digest, isDigest } from '@slipway/core'

/** What was built before, by key. Rows can outlive the layers they name: who asks has to look whether those are there. */
export interface StepCache {
  /** The layers that a step added. */
  find(key: Digest): Promise<readonly DiffId[] | undefined>
  /** Remembers it under all its keys, and that the cache stands on `layers`, the whole stack that `added` made. */
  remember(keys: readonly Digest[], added: readonly DiffId[], layers: readonly DiffId[]): Promise<void>
  /** A stack was used again. */
  touch(layers: readonly DiffId[]): Promise<void>
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

  async remember(keys, added, layers) {
    const now = new Date().toISOString()
    const text = JSON.stringify(added)
    const chainId = chainIdOf(layers)
    await database.transaction(async (sql) => {
      if (keys.length > 0 && chainId !== undefined) {
        await sql`
          INSERT INTO build_layers (chain_id, created_at, used_at) VALUES (${chainId}, ${now}, ${now})
          ON CONFLICT (chain_id) DO UPDATE SET used_at = ${now}`
      }
      for (const key of keys) {
        await sql`
          INSERT INTO build_steps (key, added, created_at, used_at) VALUES (${key}, ${text}, ${now}, ${now})
          ON CONFLICT (key) DO UPDATE SET added = ${text}, created_at = ${now}, used_at = ${now}`
      }
    })
  },

  async touch(layers) {
    const now = Date.now()
    const before = new Date(now - touchAfter).toISOString()
    const { sql } = database
    const [old] =
      await sql`SELECT 1 FROM build_layers WHERE chain_id = ${chainIdOf(layers) ?? ''} AND used_at < ${before}`
    if (old === undefined) return
    await sql`UPDATE build_layers SET used_at = ${new Date(now).toISOString()} WHERE chain_id = ${chainIdOf(layers) ?? ''}`
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

/** A stack of layers that the cache stands on. */
export interface CachedLayers {
  readonly chainId: ChainId
  readonly createdAt: string
  readonly usedAt: string
}

/** What wasn't used for so long is not kept for the cache's sake. Milliseconds. */
export const keptFor = 7 * 24 * 3600_000

/** What the cache stands on, and the garbage collector leaves. */
export const cachedLayers = async ({ sql }: Database): Promise<readonly CachedLayers[]> => {
  const oldest = new Date(Date.now() - keptFor).toISOString()
  const rows = await sql<{ chain_id: ChainId; created_at: string; used_at: string }>`
    SELECT chain_id, created_at, used_at FROM build_layers WHERE used_at >= ${oldest}`
  return rows.map((row) => ({ chainId: row.chain_id, createdAt: row.created_at, usedAt: row.used_at }))
}

/** The cache doesn't stand on these any more: whoever asks for a step that made one finds that it is gone. */
export const forgetLayers = async (database: Database, chainIds: readonly ChainId[]): Promise<void> =>
  database.transaction(async (sql) => {
    for (const chainId of chainIds) await sql`DELETE FROM build_layers WHERE chain_id = ${chainId}`
  })

/** Forgets what was built. Returns how many steps were known. The layers go when no image needs them. */
export const pruneCache = async (database: Database): Promise<number> =>
  database.transaction(async (sql) => {
    const rows = await sql`DELETE FROM build_steps RETURNING key`
    await sql`DELETE FROM build_states`
    await sql`DELETE FROM build_layers`
    return rows.length
  })
