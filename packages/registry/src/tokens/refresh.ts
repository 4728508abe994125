import { findAccessToken } from '../accounts/access-tokens.ts'
import { identityOf } from '../accounts/check-password.ts'
import { findActiveAccount } from '../accounts/records.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import type { Bearer } from './issue.ts'

/**
 * Who a refresh token was given to. Throws unauthenticated when it is over, the password was changed since, or who knows them
 * elsewhere doesn't any more.
 */
export const logInAgain = async ({ signIn, database: { sql } }: Registry, text: string): Promise<Bearer> => {
  const token = await findAccessToken(sql, text, 'refresh')
  const account = token && (await findActiveAccount(sql, token.account))
  if (token === undefined || account === undefined) {
    throw ociError('UNAUTHORIZED', { message: 'the refresh token is not valid, or no longer' })
  }
  const why = await signIn.standing(account)
  if (why !== undefined) throw ociError('UNAUTHORIZED', { message: why })
  return { identity: identityOf(account), madeWith: token.id }
}
