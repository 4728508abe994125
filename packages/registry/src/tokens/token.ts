import { randomUUID } from 'node:crypto'
import { SlipwayError } from '@slipway/core'
import { jwtVerify, SignJWT } from 'jose'
import type { Access } from './scope.ts'

const issuer = 'slipway-registry'
/** Also the audience: what the challenge calls `service`. */
export const service = 'slipway-registry'
/** The token specification asks for 60 s at least; a large layer may take a while, and each request needs a live token. */
export const tokenLifeSeconds = 900
const algorithm = 'HS256'

export interface TokenClaims {
  /** The account; '' for nobody. */
  readonly subject: string
  readonly access: readonly Access[]
  /** The id of the access token that it was made with. */
  readonly madeWith?: string | undefined
}

export const signToken = (
  key: Uint8Array,
  { subject, access, madeWith }: TokenClaims,
  now = new Date(),
): Promise<string> => {
  const seconds = Math.floor(now.getTime() / 1000)
  return (
    new SignJWT({ access, ...(madeWith === undefined ? {} : { made_with: madeWith }) })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(service)
      .setSubject(subject)
      .setIssuedAt(seconds)
      // Clocks differ a little between the processes of one registry.
      .setNotBefore(seconds - 10)
      .setExpirationTime(seconds + tokenLifeSeconds)
      .setJti(randomUUID())
      .sign(key)
  )
}

const isAccess = (value: unknown): value is Access => {
  const { type, name, actions } = (value ?? {}) as Partial<Access>
  return typeof type === 'string' && typeof name === 'string' && Array.isArray(actions)
}

/** Throws unauthenticated for a token that is not ours, or no longer valid. */
export const readToken = async (key: Uint8Array, token: string): Promise<TokenClaims> => {
  try {
    const { payload } = await jwtVerify(token, key, { issuer, audience: service, algorithms: [algorithm] })
    const access = Array.isArray(payload['access']) ? payload['access'].filter(isAccess) : []
    const madeWith = payload['made_with']
    return { subject: payload.sub ?? '', access, ...(typeof madeWith === 'string' ? { madeWith } : {}) }
  } catch (cause) {
    throw new SlipwayError('unauthenticated', 'the token is not valid, or no longer', { cause })
  }
}
