import { invalid, notFound, SlipwayError, type Sql } from '@slipway/core'
import type { Grant } from '../access/pattern.ts'
import { allActions } from '../access/pattern.ts'
import { closeSessionsOf } from '../hub/sessions.ts'
import { dropRefreshTokens } from './access-tokens.ts'
import { giveGrant } from './grants.ts'
import { hashPassword, type ScryptCost } from './password.ts'

export type AccountKind = 'user' | 'robot'

export type AccountOrigin = 'local' | 'ldap' | 'oidc'

export interface Account {
  readonly name: string
  readonly kind: AccountKind
  /** As `hashPassword()` writes it; '' for a robot, that no password is right for. */
  readonly password: string
  /** Since then it may do nothing; null: it may. */
  readonly disabledAt: string | null
  /** The password is for one sign-in, to choose another. */
  readonly mustChange: boolean
  /** Who knows its password, or takes its place: we, or a directory, or a provider that its person signs in with. */
  readonly origin: AccountOrigin
  /** When a directory or a provider last said who it is. */
  readonly confirmedAt: string | null
  readonly hasSecondFactor: boolean
  readonly secondFactorRequired: boolean
}

const namePattern = /^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?$/
/** `team+ci`: a robot of a project. Nobody else has a plus in their name. */
const robotPattern = /^[a-z0-9._-]{1,128}\+[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?$/
const maximumPassword = 1024

const checkPassword = (password: string): void => {
  if (password === '') throw invalid('the password is empty')
  if (password.length > maximumPassword) throw invalid(`the password is longer than ${maximumPassword} characters`)
}

interface NewAccount {
  readonly name: string
  readonly kind: AccountKind
  /** Hashed. */
  readonly password: string
  readonly grants: readonly Grant[]
  readonly mustChange?: boolean
  readonly origin?: AccountOrigin
}

const everything: Grant = { pattern: '**', actions: allActions }

const insertAccount = async (sql: Sql, wanted: NewAccount): Promise<void> => {
  const { name, kind, password, grants, mustChange = false, origin = 'local' } = wanted
  // A colon would end the name in a Basic header (RFC 7617, section 2).
  if (!namePattern.test(name) && !(kind === 'robot' && robotPattern.test(name))) {
    throw invalid(`invalid account name ${JSON.stringify(name)}: use 1 to 64 letters, digits, and . _ - between them`)
  }
  const now = new Date()
  const rows = await sql`
    INSERT INTO account (name, kind, password, created_at, changed_at, must_change, origin)
    VALUES (${name}, ${kind}, ${password}, ${now}, ${now}, ${mustChange}, ${origin})
    ON CONFLICT (name) DO NOTHING RETURNING name`
  if (rows.length === 0) throw new SlipwayError('already-exists', `there is an account named ${name} already`)
  for (const grant of grants) await giveGrant(sql, name, grant)
}

/** Makes an account that may do what is granted; everything, unless told otherwise. Throws invalid, or already-exists. */
export const addAccount = async (
  sql: Sql,
  name: string,
  password: string,
  options: { readonly cost?: ScryptCost; readonly grant?: Grant; readonly mustChange?: boolean } = {},
): Promise<void> => {
  checkPassword(password)
  const { cost, grant = everything, mustChange = false } = options
  const hash = await hashPassword(password, cost)
  await insertAccount(sql, { name, kind: 'user', password: hash, grants: [grant], mustChange })
}

/** Makes an account for a program. It has no password: it comes with an access token. Throws invalid, or already-exists. */
export const addRobot = (sql: Sql, name: string, grant: Grant): Promise<void> =>
  insertAccount(sql, { name, kind: 'robot', password: '', grants: [grant] })

/** Takes over a hash that was made elsewhere (bcrypt). Throws invalid, or already-exists. */
export const importAccount = (sql: Sql, name: string, hash: string, grant = everything): Promise<void> =>
  addHashedAccount(sql, name, hash, [grant])

/**
 * Makes an account whose password is hashed already; '' where somebody else knows it. Throws invalid, or already-exists. In a
 * transaction.
 */
export const addHashedAccount = (
  sql: Sql,
  name: string,
  hash: string,
  grants: readonly Grant[],
  origin: AccountOrigin = 'local',
): Promise<void> => insertAccount(sql, { name, kind: 'user', password: hash, grants, origin })

/** Writes the same password under another hash, unless it was changed meanwhile. */
export const replaceHash = async (sql: Sql, account: Account, hash: string): Promise<void> => {
  await sql`UPDATE account SET password = ${hash} WHERE name = ${account.name} AND password = ${account.password}`
}

/**
 * A new password, by who knows the old one or manages; `forOneSignIn`: its owner has to choose another then. Who was signed in
 * with the old one isn't any more. Throws not-found.
 */
export const changePassword = async (
  sql: Sql,
  name: string,
  password: string,
  { forOneSignIn = false }: { readonly forOneSignIn?: boolean } = {},
): Promise<void> => {
  checkPassword(password)
  const hash = await hashPassword(password)
  const rows = await sql`
    UPDATE account SET password = ${hash}, changed_at = ${new Date()}, must_change = ${forOneSignIn}
    WHERE name = ${name} AND kind = 'user' AND origin = 'local' RETURNING name`
  if (rows.length === 0) throw notFound('account with a password of ours', name)
  await dropRefreshTokens(sql, name)
  await closeSessionsOf(sql, name)
}

type Flag = 'mustChange' | 'hasSecondFactor' | 'secondFactorRequired'
type AccountRow = Omit<Account, Flag> & Readonly<Record<Flag, number | boolean>>

/** Also when it is disabled. */
export const findAccount = async (sql: Sql, name: string): Promise<Account | undefined> => {
  const [row] = await sql<AccountRow>`
    SELECT name, kind, password, origin, confirmed_at AS "confirmedAt", disabled_at AS "disabledAt", must_change AS "mustChange",
      second_factor_required AS "secondFactorRequired",
      EXISTS (SELECT 1 FROM second_factor WHERE account = name AND confirmed_at IS NOT NULL) AS "hasSecondFactor"
    FROM account WHERE name = ${name}`
  if (row === undefined) return undefined
  const { mustChange, hasSecondFactor, secondFactorRequired } = row
  return {
    ...row,
    mustChange: Boolean(mustChange),
    hasSecondFactor: Boolean(hasSecondFactor),
    secondFactorRequired: Boolean(secondFactorRequired),
  }
}

/** One that may act: what was made for an account ends with it, and rests while it is disabled. */
export const findActiveAccount = async (sql: Sql, name: string): Promise<Account | undefined> => {
  const account = await findAccount(sql, name)
  return account?.disabledAt === null ? account : undefined
}

export interface ListedAccount {
  readonly name: string
  readonly kind: AccountKind
  readonly created_at: string
  readonly disabledAt: string | null
  readonly origin: AccountOrigin
  readonly hasSecondFactor: boolean
  readonly secondFactorRequired: boolean
}

/** By name; all of them, unless a page is asked for. */
export const listAccounts = async (
  sql: Sql,
  { after, limit }: { readonly after: string; readonly limit: number } = { after: '', limit: Number.MAX_SAFE_INTEGER },
): Promise<readonly ListedAccount[]> => {
  const rows = await sql<ListedAccount>`
    SELECT name, kind, origin, created_at, disabled_at AS "disabledAt",
      second_factor_required AS "secondFactorRequired",
      EXISTS (SELECT 1 FROM second_factor WHERE account = name AND confirmed_at IS NOT NULL) AS "hasSecondFactor"
    FROM account WHERE name > ${after} ORDER BY name LIMIT ${limit}`
  return rows.map((row) => ({
    ...row,
    hasSecondFactor: Boolean(row.hasSecondFactor),
    secondFactorRequired: Boolean(row.secondFactorRequired),
  }))
}

export const hasAccounts = async (sql: Sql): Promise<boolean> => (await sql`SELECT 1 FROM account LIMIT 1`).length > 0
