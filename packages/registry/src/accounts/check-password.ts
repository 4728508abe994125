import { type Database, type Identity, SlipwayError } from '@slipway/core'
import type { Grant } from '../access/pattern.ts'
import { findAccessToken, isAccessToken } from './access-tokens.ts'
import { FailedAttempts, wrongPasswords } from './attempts.ts'
import { hashPassword, isForeignHash, verifyNothing, verifyPassword } from './password.ts'
import { type Account, findAccount, findActiveAccount, replaceHash } from './records.ts'
import { openAttempts } from './shared-attempts.ts'
import { VerifiedCredentials } from './verified.ts'

export interface PasswordLogin {
  readonly user: string
  readonly password: string
  /** Where it came from: wrong passwords are counted by account and address. */
  readonly address: string
}

export interface LoggedIn {
  readonly identity: Identity
  readonly account: Account
  /** When it was an access token instead of the password. */
  readonly token?: { readonly id: string; readonly limits: readonly Grant[] | undefined }
}

/**
 * Throws unauthenticated when the account or the password is wrong (it doesn't say which), or when the password is right and the
 * account disabled; rate-limited after too many.
 */
export type CheckPassword = (login: PasswordLogin) => Promise<LoggedIn>

const tooMany = (seconds: number): SlipwayError =>
  new SlipwayError('rate-limited', `too many wrong passwords: try again in ${seconds} seconds`, {
    detail: { retryAfterSeconds: seconds },
  })

const wrong = (): SlipwayError => new SlipwayError('unauthenticated', 'incorrect username or password')

const disabled = (): SlipwayError =>
  new SlipwayError('unauthenticated', 'this account is disabled: ask who manages the registry')

export const identityOf = ({ kind, name }: Account): Identity => ({ kind, name, groups: [] })

/** Asks a directory, where there is one. Returns the account of who it is; undefined: the name or the password is wrong. */
export type AskElsewhere = (login: PasswordLogin) => Promise<string | undefined>

/** Why what was made for an account is no longer good, by who knows its person elsewhere; undefined: it is. */
export type Standing = (account: Account) => Promise<string | undefined>

export interface Elsewhere {
  readonly directory: AskElsewhere | undefined
  readonly standing: Standing
}

const nowhere: Elsewhere = { directory: undefined, standing: async () => undefined }

export const createPasswordCheck = (
  { dialect, sql }: Pick<Database, 'dialect' | 'sql'>,
  { directory: askElsewhere, standing }: Elsewhere = nowhere,
): CheckPassword => {
  const verified = new VerifiedCredentials()
  const attempts = openAttempts({ dialect, sql }, 'password', wrongPasswords)
  const tokens = new FailedAttempts()

  /** Counted as wrong until it is right. */
  const attempt = async (login: PasswordLogin, verify: () => Promise<boolean>): Promise<boolean> => {
    const guesser = { account: login.user, address: login.address }
    const seconds = await attempts.begin(guesser)
    if (seconds > 0) throw tooMany(seconds)
    let right: boolean
    try {
      right = await verify()
    } catch (error) {
      await attempts.forgive(guesser)
      throw error
    }
    if (right) await attempts.succeeded(guesser)
    return right
  }

  const verify = async (account: Account, password: string): Promise<boolean> => {
    if (account.password === '') return verifyNothing(password)
    if (!(await verifyPassword(password, account.password))) return false
    // An imported hash is cheaper to guess than ours.
    if (isForeignHash(account.password)) await replaceHash(sql, account, await hashPassword(password))
    return true
  }

  /** Remembered for a minute, as our own are: a push makes dozens of requests. */
  const byDirectory = async (login: PasswordLogin, ask: AskElsewhere): Promise<LoggedIn> => {
    const known = { name: login.user.toLowerCase(), password: 'the directory’s' }
    const right = await verified.check(known, login.password, () =>
      attempt(login, async () => (await ask(login)) === known.name),
    )
    const account = right ? await findAccount(sql, known.name) : undefined
    if (account?.origin !== 'ldap') throw wrong()
    if (account.disabledAt !== null) throw disabled()
    return { identity: identityOf(account), account }
  }

  const byPassword = async (login: PasswordLogin): Promise<LoggedIn> => {
    const { user, password } = login
    const account = await findAccount(sql, user)
    // An account of ours is never asked for elsewhere: nobody there can take it over by its name.
    if (askElsewhere !== undefined && (account === undefined || account.origin === 'ldap')) {
      return byDirectory(login, askElsewhere)
    }
    const right = account
      ? await verified.check(account, password, () => attempt(login, () => verify(account, password)))
      : await attempt(login, () => verifyNothing(password))
    if (account === undefined || !right) throw wrong()
    if (account.disabledAt !== null) throw disabled()
    return { identity: identityOf(account), account }
  }

  /**
   * Its secret can't be guessed, so it costs no hash that is slow; and many come at once, so none is counted before it is known
   * to be wrong.
   */
  const byAccessToken = async (login: PasswordLogin): Promise<LoggedIn> => {
    const guesser = { account: login.user, address: login.address }
    const seconds = tokens.waitFor(guesser)
    if (seconds > 0) throw tooMany(seconds)
    const token = await findAccessToken(sql, login.password, 'access')
    if (token === undefined) tokens.failed(guesser)
    const account = token && token.account === login.user && (await findActiveAccount(sql, token.account))
    if (!token || !account) throw wrong()
    const why = await standing(account)
    if (why !== undefined) throw new SlipwayError('unauthenticated', why)
    return { identity: identityOf(account), account, token: { id: token.id, limits: token.limits } }
  }

  return (login) => (isAccessToken(login.password) ? byAccessToken(login) : byPassword(login))
}
