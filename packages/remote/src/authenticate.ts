import { SlipwayError } from '@slipway/core'
import { secretRefused } from './fault.ts'
import { Session, type SessionOptions } from './session.ts'
import { drain } from './transport.ts'

export interface Authenticated {
  /** Docker's own words: "Login Succeeded". */
  readonly status: string
  /** A refresh token, to be kept in place of the password; registries mostly give none. */
  readonly identityToken?: string
}

/** What `docker login` checks. Throws unauthenticated when the registry doesn't take the credentials. */
export const authenticate = async (options: SessionOptions): Promise<Authenticated> => {
  await using session = new Session({ ...options, toKeep: true })
  try {
    const response = await session.request({ method: 'GET', target: '/v2/', expect: [200] })
    await drain(response)
  } catch (error) {
    throw error instanceof SlipwayError && error.code === 'unauthenticated' ? secretRefused(error) : error
  }
  const identityToken = await session.authorization.refreshTokenFor([])
  return { status: 'Login Succeeded', ...(identityToken === undefined ? {} : { identityToken }) }
}
