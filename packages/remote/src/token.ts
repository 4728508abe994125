import { SlipwayError } from '@slipway/core'
import type { Challenge } from './challenge.ts'
import { basicAuthorization, type RegistryCredentials } from './credentials.ts'
import { faultOf, readAtMost, secretRefused } from './fault.ts'
import type { Request, Response, Transport } from './transport.ts'

export interface Token {
  readonly value: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** What docker login keeps in place of the password, when the server gives one. */
  readonly refreshToken?: string
}

export interface TokenRequest {
  readonly challenge: Challenge
  readonly scopes: readonly string[]
  readonly credentials: RegistryCredentials
  /** Asks for a refresh token as well (distribution, auth token specification: `offline_token`). */
  readonly toKeep?: boolean
  readonly signal?: AbortSignal
}

const clientId = 'slipway'
const longestReply = 1024 * 1024
/** Registries that don't say how long a token lives mean at least this (distribution, auth token specification). */
const shortestLife = 60
/** A token that ends while a request is under way would fail it. */
const safetyMargin = 10_000

const realmOf = ({ parameters }: Challenge): URL => {
  const realm = URL.parse(parameters['realm'] ?? '')
  if (realm === null || !/^https?:$/.test(realm.protocol)) {
    throw new SlipwayError('unauthenticated', 'unauthorized: the registry names no token server')
  }
  return realm
}

/** With an identity token: OAuth2's refresh (distribution, "Docker Registry v2 authentication using OAuth2"). */
const refreshRequest = ({ challenge, scopes, credentials }: TokenRequest, realm: URL): Request => ({
  method: 'POST',
  url: realm,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: credentials.identityToken ?? '',
    service: challenge.parameters['service'] ?? '',
    client_id: clientId,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
  }).toString(),
})

/** With a password, or anonymously: every scope is a parameter of its own. */
const basicRequest = ({ challenge, scopes, credentials, toKeep }: TokenRequest, realm: URL): Request => {
  const url = new URL(realm)
  const service = challenge.parameters['service']
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  const authorization = basicAuthorization(credentials)
  if (authorization === undefined) return { method: 'GET', url }
  url.searchParams.set('account', credentials.username ?? '')
  if (toKeep) {
    url.searchParams.set('offline_token', 'true')
    url.searchParams.set('client_id', clientId)
  }
  return { method: 'GET', url, headers: { authorization } }
}

const parseReply = (body: Buffer, now: number): Token => {
  const reply = JSON.parse(body.toString('utf8')) as Record<string, unknown>
  const value = reply['token'] ?? reply['access_token']
  if (typeof value !== 'string' || value === '' || /[^\x21-\x7e]/.test(value)) {
    throw new SlipwayError('unauthenticated', 'authorization server did not include a token in the response')
  }
  const life = Math.max(Number(reply['expires_in']) || 0, shortestLife)
  const refreshToken = reply['refresh_token']
  return {
    value,
    expiresAt: now + life * 1000 - safetyMargin,
    ...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken } : {}),
  }
}

const refusal = async (response: Response): Promise<SlipwayError> => {
  const fault = await faultOf(response)
  return response.status === 401 || response.status === 403 ? secretRefused(fault) : fault
}

/** Asks the challenge's token server. Throws unauthenticated when the credentials are wrong. */
export const fetchToken = async (transport: Transport, request: TokenRequest): Promise<Token> => {
  const realm = realmOf(request.challenge)
  const toSend = request.credentials.identityToken ? refreshRequest(request, realm) : basicRequest(request, realm)
  const response = await transport.send({
    ...toSend,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  })
  if (response.status !== 200) throw await refusal(response)
  try {
    return parseReply(await readAtMost(response.body, longestReply, 'the token'), Date.now())
  } catch (error) {
    throw error instanceof SyntaxError
      ? new SlipwayError('unauthenticated', 'unable to decode token response', { cause: error })
      : error
  }
}
