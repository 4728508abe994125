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

const wrong = (): SlipwayError => new SlipwayError('unauthenticated', 'incorrect username or password')

const tooMany = (seconds: number): SlipwayError =>
  new SlipwayError('rate-limited', `too many wrong passwords: try again in ${seconds} seconds`, {
    detail: { retryAfterSeconds: seconds },
  })

export const createPasswordCheck = (database: Database): CheckPassword => {
  const verified = new VerifiedCredentials()
  const attempts = new FailedAttempts()

  return async ({ user, password, address }) => {
    const account = await findAccount(database.sql, user)
    const identity: Identity = { kind: 'user', name: user, groups: [] }
    if (account && verified.has(account, password)) return identity
    const seconds = attempts.waitFor(user, address)
    if (seconds > 0) throw tooMany(seconds)
    const right = account ? await verifyPassword(password, account.password) : await verifyNothing(password)
    if (!account || !right) {
      attempts.failed(user, address)
      throw wrong()
    }
    attempts.succeeded(user, address)
    verified.add(account, password)
    return identity
  }
}
