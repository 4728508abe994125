import type { Database, Sql } from '@slipway/core'
import type { ReadableQuery } from '../access/visibility.ts'
import { type Fragment, part } from './fragment.ts'

/** What a person typed, as a pattern for LIKE: `%` and `_` mean themselves. */
const likePattern = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

/** More than so many, and walking along the list until a page is full is quicker than sorting all of them. */
const many = 2000
/** The index of what is longer knows three letters and more. */
const shortest = 3
/** Behind all letters. */
const last = '\u{10ffff}'

/** Its letters as one phrase of SQLite's full-text search. */
const phraseOf = (text: string): string => `"${text.toLowerCase().replaceAll('"', '""')}"`

const isRareInSqlite = async (sql: Sql, phrase: string): Promise<boolean> => {
  const [row] = await sql<{ found: number }>`
    SELECT count(*) AS found FROM (
      SELECT rowid FROM repository_text WHERE repository_text MATCH ${phrase} LIMIT ${many + 1})`
  return Number(row?.found ?? 0) <= many
}

/** One or two letters begin some of the threes that the index has. */
const isShortRareInSqlite = async (sql: Sql, letters: string): Promise<boolean> => {
  const [row] = await sql<{ found: number }>`
    SELECT count(*) AS found FROM (
      SELECT 1 AS one FROM repository_letters WHERE term >= ${letters} AND term <= ${letters + last} LIMIT ${many + 1})`
  return Number(row?.found ?? 0) <= many
}

const isShortRareInPostgres = async (sql: Sql, letters: string): Promise<boolean> => {
  const [row] = await sql<Plan>`
    EXPLAIN (FORMAT JSON) SELECT 1 FROM repository
    WHERE repository_letters(lower(name || ' ' || description)) @> ARRAY[${letters}]`
  return rowsIn(row) <= many
}

/** The same for a text that is too short for the index of longer ones. */
const matchingShort = async ({ dialect, sql }: Database, letters: string, walking: Fragment): Promise<Fragment> => {
  if (dialect === 'postgres') {
    // Not LIKE: a statement that is prepared for any text would look one letter up in the index of threes, all of which it reads.
    const walkingShort = part`strpos(lower(repository.name || ' ' || repository.description), ${letters}) > 0`
    if (!(await isShortRareInPostgres(sql, letters))) return walkingShort
    return part`repository.id IN (
      SELECT found.id FROM repository found
      WHERE repository_letters(lower(found.name || ' ' || found.description)) @> ARRAY[${letters}] OFFSET 0)`
  }
  if (!(await isShortRareInSqlite(sql, letters))) return walking
  return part`repository.id IN (
    SELECT doc FROM repository_letters WHERE term >= ${letters} AND term <= ${letters + last}) AND ${walking}`
}

interface Plan {
  readonly 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[]
}

const rowsIn = (plan: Plan | undefined): number => plan?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0

/** What the planner makes of this very text, which a prepared statement wouldn't ask again. */
const isRareInPostgres = async (sql: Sql, pattern: string): Promise<boolean> => {
  const [row] = await sql<Plan>`
    EXPLAIN (FORMAT JSON) SELECT 1 FROM repository
    WHERE lower(repository.name || ' ' || repository.description) LIKE ${pattern} ESCAPE '\\'`
  return rowsIn(row) <= many
}

/**
 * The condition that a repository's name or description holds the text, in the way that is quick for this text: what few hold
 * is looked up, what many hold is found by walking along the list.
 */
export const matching = async (database: Database, text: string): Promise<Fragment> => {
  const { dialect, sql } = database
  if (text === '') return part`TRUE`
  const pattern = likePattern(text)
  const walking = part`lower(repository.name || ' ' || repository.description) LIKE ${pattern} ESCAPE '\\'`
  if (text.includes('\u0001')) return walking
  if ([...text].length < shortest) return matchingShort(database, text.toLowerCase(), walking)
  if (dialect === 'postgres') {
    if (!(await isRareInPostgres(sql, pattern))) return walking
    return part`repository.id IN (
      SELECT found.id FROM repository found
      WHERE lower(found.name || ' ' || found.description) LIKE ${pattern} ESCAPE '\\' OFFSET 0)`
  }
  const phrase = phraseOf(text)
  if (!(await isRareInSqlite(sql, phrase))) return walking
  return part`repository.id IN (SELECT rowid FROM repository_text WHERE repository_text MATCH ${phrase})`
}

/** The condition that there is something in a repository, and that the account may read it; with `project` joined. */
export const readableFragment = ({
  account,
  all,
  fallback,
}: Pick<ReadableQuery, 'account' | 'all' | 'fallback'>): Fragment => {
  const isThere = part`EXISTS (
    SELECT 1 FROM manifest WHERE manifest.repository_id = repository.id AND manifest.deleted_at IS NULL)`
  if (all) return isThere
  return part`${isThere}
    AND (COALESCE(repository.visibility, project.visibility, ${fallback}) = 'public' OR EXISTS (
      SELECT 1 FROM account_right
      WHERE account = ${account} AND actions LIKE '%pull%' AND repository.name LIKE names ESCAPE '\\'))`
}
