import { type Logger, messageOf, SlipwayError } from '@slipway/core'
import type { Configuration, UserInfoResponse } from 'openid-client'
import type { OidcSettings } from './settings.ts'

/** What must come back as it went out: kept by the browser, sealed. */
export interface Departure {
  readonly state: string
  readonly nonce: string
  /** PKCE's (RFC 7636): whoever steals the code can do nothing with it. */
  readonly verifier: string
}

/** Somebody of whom the provider said who it is. */
export interface Visitor {
  readonly issuer: string
  readonly subject: string
  /** '' where the provider tells none. */
  readonly name: string
  readonly groups: readonly string[]
}

export interface Provider {
  readonly settings: OidcSettings
  /** Where to send the browser. Throws unavailable. */
  readonly depart: (redirect: URL) => Promise<{ readonly to: URL; readonly departure: Departure }>
  /** `here`: the address it came back to. Throws unauthenticated unless everything fits, or unavailable. */
  readonly arrive: (here: URL, departure: Departure) => Promise<Visitor>
}

const answerSeconds = 10

const unavailable = (cause: unknown): SlipwayError =>
  new SlipwayError('unavailable', 'the provider can’t be asked: try again in a moment', { cause })

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, 1000) : []

/** Loaded with the first sign-in, and asked about itself then. */
export const openProvider = (settings: OidcSettings, logger: Logger): Provider => {
  const { issuer, clientId, clientSecret, scopes, nameClaim, groupsClaim } = settings
  let known: Promise<Configuration> | undefined

  const discover = async (): Promise<Configuration> => {
    const client = await import('openid-client')
    const isPlain = issuer.startsWith('http:')
    return client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: answerSeconds,
      ...(isPlain ? { execute: [client.allowInsecureRequests] } : {}),
    })
  }

  const configuration = async (): Promise<Configuration> => {
    known ??= discover()
    try {
      return await known
    } catch (error) {
      known = undefined
      logger.warn({ error: messageOf(error), issuer }, 'the provider could not be asked about itself')
      throw unavailable(error)
    }
  }

  /** Many providers tell who it is only where they are asked for it. */
  const infoOf = async (config: Configuration, token: string, subject: string): Promise<Partial<UserInfoResponse>> => {
    if (config.serverMetadata().userinfo_endpoint === undefined) return {}
    const { fetchUserInfo } = await import('openid-client')
    return fetchUserInfo(config, token, subject)
  }

  return {
    settings,
    depart: async (redirect) => {
      const config = await configuration()
      const client = await import('openid-client')
      const departure = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const to = client.buildAuthorizationUrl(config, {
        redirect_uri: redirect.href,
        scope: scopes,
        state: departure.state,
        nonce: departure.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(departure.verifier),
        code_challenge_method: 'S256',
      })
      return { to, departure }
    },
    arrive: async (here, { state, nonce, verifier }) => {
      const config = await configuration()
      try {
        const { authorizationCodeGrant } = await import('openid-client')
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
        const tokens = await authorizationCodeGrant(config, here, checks)
        const claims = tokens.claims()
        if (claims === undefined) throw new Error('no ID token')
        const info = await infoOf(config, tokens.access_token, claims.sub)
        const told: Readonly<Record<string, unknown>> = { ...claims, ...info }
        return {
          issuer: claims.iss,
          subject: claims.sub,
          name: textOf(told[nameClaim]).toLowerCase(),
          groups: listOf(told[groupsClaim]),
        }
      } catch (error) {
        logger.warn({ error: messageOf(error), issuer }, 'a sign-in with the provider came to nothing')
        throw new SlipwayError('unauthenticated', 'the provider did not say who you are', { cause: error })
      }
    },
  }
}
