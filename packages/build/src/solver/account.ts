import type { Database, Digest } from '@slipway/core'
import type { KeyParts, Result } from '../graph/vertex.ts'
import { identityOf } from '../ops/identity.ts'

/** What a vertex was found or made by. */
export interface Account {
  readonly keys: readonly Digest[]
  readonly parts: KeyParts
}

/** Why a vertex was or wasn't found in the cache. */
export type Reason =
  | { readonly kind: 'found' | 'sameContent' }
  /** The cache was not to be asked. */
  | { readonly kind: 'forced' }
  /** Nothing that stood in its place is known. */
  | { readonly kind: 'new' }
  /** It was made before, and isn't there any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'changed'; readonly differences: readonly Difference[] }

/** A part of the key that isn't what it was. */
export interface Difference {
  /** As in `KeyParts`. */
  readonly part: string
  readonly how: 'changed' | 'added' | 'removed'
}

const filePrefix = 'file '

/** A part for each input that has a name of its own. */
export const inputParts = (inputs: readonly Result[]): KeyParts =>
  Object.fromEntries(
    inputs.flatMap((input, index) => {
      const identity = identityOf(input)
      return identity === undefined ? [] : [[`input ${index}`, identity]]
    }),
  )

const differenceOf = (part: string, before: KeyParts, now: KeyParts): readonly Difference[] => {
  if (before[part] === now[part]) return []
  if (before[part] === undefined) return [{ part, how: 'added' }]
  return [{ part, how: now[part] === undefined ? 'removed' : 'changed' }]
}

/** What differs. Where the files of one side were never looked at, nothing is said of files. */
export const compareParts = (before: KeyParts, now: KeyParts): readonly Difference[] => {
  const bothKnowFiles = before['content'] !== undefined && now['content'] !== undefined
  const parts = new Set([...Object.keys(now), ...Object.keys(before)])
  return [...parts]
    .filter((part) => bothKnowFiles || (part !== 'content' && !part.startsWith(filePrefix)))
    .flatMap((part) => differenceOf(part, before, now))
}

/** Why what stands in a place is made now, when it was `before` there. */
export const reasonToMake = (before: Account | undefined, now: Account): Reason => {
  if (before === undefined) return { kind: 'new' }
  if (before.keys.some((key) => now.keys.includes(key))) return { kind: 'gone' }
  return { kind: 'changed', differences: compareParts(before.parts, now.parts) }
}

/** So many places are remembered, those of the latest builds. */
const mostPlaces = 500

/** The last account of each place. It outlives what was built: then it can be said that this was pruned. */
export const openAccounts = (database: Database) => ({
  async find(place: Digest): Promise<Account | undefined> {
    const { sql } = database
    const [row] = await sql<{ keys: string; parts: string }>`
      SELECT keys, parts FROM build_accounts WHERE place = ${place}`
    return row === undefined ? undefined : { keys: JSON.parse(row.keys), parts: JSON.parse(row.parts) }
  },

  async write(accounts: ReadonlyMap<Digest, Account>): Promise<void> {
    if (accounts.size === 0) return
    const now = new Date().toISOString()
    await database.transaction(async (sql) => {
      for (const [place, { keys, parts }] of accounts) {
        const [keyText, partText] = [JSON.stringify(keys), JSON.stringify(parts)]
        await sql`
          INSERT INTO build_accounts (place, made_at, keys, parts) VALUES (${place}, ${now}, ${keyText}, ${partText})
          ON CONFLICT (place) DO UPDATE SET made_at = ${now}, keys = ${keyText}, parts = ${partText}`
      }
      await sql`
        DELETE FROM build_accounts WHERE place NOT IN (
          SELECT place FROM build_accounts ORDER BY made_at DESC LIMIT ${mostPlaces})`
    })
  },
})

export type Accounts = ReturnType<typeof openAccounts>
