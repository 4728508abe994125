import { type Database, type Identity, SlipwayError } from '@slipway/core'
import { FailedAttempts } from './attempts.ts'
import { verifyNothing, verifyPassword } from './password.ts'
import { findAccount } from './records.ts'
import { VerifiedCredentials } from './verified.ts'

export interface PasswordLogin {
  readonly user: string
  readonly password: string
  /** Where it came from: wrong passwords are counted by account and address. */
  readonly address: string
}

/** Throws unauthenticated when the account or the password is wrong (it doesn't say which), rate-limited after too many. */
export type CheckPassword = (login: PasswordLogin) => Promise<Identity>

const tooMany = (seconds: number): SlipwayError =>
  new SlipwayError('rate-limited', `too many wrong passwords: try again in ${seconds} seconds`, {
    detail: { retryAfterSeconds: seconds },
  })

export const createPasswordCheck = (database: Database): CheckPassword => {
  const verified = new VerifiedCredentials()
  const attempts = new FailedAttempts()

  /** Counted as wrong until it is right: a hundred guesses at once are a hundred guesses. */
  const attempt = async (login: PasswordLogin, verify: () => Promise<boolean>): Promise<boolean> => {
    const seconds = attempts.waitFor(login.user, login.address)
    if (seconds > 0) throw tooMany(seconds)
    attempts.failed(login.user, login.address)
    const right = await verify()
    if (right) attempts.succeeded(login.user, login.address)
    return right
  }

  return async (login) => {
    const { user, password } = login
    const account = await findAccount(database.sql, user)
    const right = account
      ? await verified.check(account, password, () => attempt(login, () => verifyPassword(password, account.password)))
      : await attempt(login, () => verifyNothing(password))
    if (!right) throw new SlipwayError('unauthenticated', 'incorrect username or password')
    return { kind: 'user', name: user, groups: [] }
  }
}
