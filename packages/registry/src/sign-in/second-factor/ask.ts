import { SlipwayError } from '@slipway/core'
import type { ApiRequest } from '@slipway/http'
import { noteFailedLogin } from '../../audit/note.ts'
import { ociError } from '../../distribution/oci-error.ts'
import type { Registry } from '../../registry.ts'
import { isSecondFactor } from './records.ts'

/**
 * Throws unauthenticated on a wrong code, rate-limited after five: whoever gets so far knows the password, so they are counted by
 * account, from wherever they come.
 */
export const checkCode = async (
  request: Pick<ApiRequest, 'raw'>,
  registry: Registry,
  account: string,
  isRight: () => Promise<boolean>,
): Promise<void> => {
  const { codes } = registry.signIn
  const guesser = { account, address: '' }
  const seconds = await codes.begin(guesser)
  if (seconds > 0) {
    throw new SlipwayError('rate-limited', `too many wrong codes: try again in ${seconds} seconds`, {
      detail: { retryAfterSeconds: seconds },
    })
  }
  if (await isRight()) return codes.succeeded(guesser)
  noteFailedLogin(registry, request, account)
  throw ociError('UNAUTHORIZED', { message: 'the code is wrong, or was used already' })
}

/** A code of the app or one for recovery, of an account that has a second factor. Throws as above, and when there is none. */
export const checkSecondFactor = async (
  request: Pick<ApiRequest, 'raw'>,
  registry: Registry,
  account: string,
  code = '',
): Promise<void> => {
  if (code === '') {
    throw ociError('UNAUTHORIZED', { message: 'a code of your second factor as well', detail: { secondFactor: true } })
  }
  return checkCode(request, registry, account, () =>
    isSecondFactor(registry.database.sql, registry.signIn.seal, account, code),
  )
}
