import { SlipwayError } from '@slipway/core'
import type { Challenge } from './challenge.ts'
import { basicAuthorization, type RegistryCredentials } from './credentials.ts'
import { fetchToken, type Token } from './token.ts'
import type { Transport } from './transport.ts'

/** `repository:user/web:pull,push`: what a token is for (distribution, token scope documentation). */
export const repositoryScope = (repository: string, actions: 'pull' | 'pull,push'): string =>
  `repository:${repository}:${actions}`

/** While it is being asked for, it has no end yet. */
interface KeptToken {
  readonly token: Promise<Token>
  expiresAt: number
}

interface AuthorizationOptions {
  readonly transport: Transport
  readonly credentials: RegistryCredentials
  /** Tokens come with one that can be kept in place of the password, from servers that give such. */
  readonly toKeep?: boolean
  readonly signal?: AbortSignal
}

/** What to put in the Authorization header of a request: remembers the registry's challenge, and a token for each scope. */
export class Authorization {
  readonly #options: AuthorizationOptions
  readonly #tokens = new Map<string, KeptToken>()
  #challenge: Challenge | undefined

  constructor(options: AuthorizationOptions) {
    this.#options = options
  }

  /** Takes note of what the registry wants. False when it is nothing that we can do. */
  learn(challenges: readonly Challenge[]): boolean {
    const usable =
      challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges.find(({ scheme }) => scheme === 'basic')
    if (usable === undefined) return false
    this.#challenge = usable
    return usable.scheme === 'bearer' || basicAuthorization(this.#options.credentials) !== undefined
  }

  /** The tokens of these scopes are no good any more: the next request asks for new ones. */
  forget(scopes: readonly string[]): void {
    this.#tokens.delete(scopes.join(' '))
  }

  async headerFor(scopes: readonly string[]): Promise<string | undefined> {
    const { credentials } = this.#options
    if (credentials.registryToken) return `Bearer ${credentials.registryToken}`
    if (this.#challenge?.scheme === 'basic') return basicAuthorization(credentials)
    if (this.#challenge === undefined) return undefined
    return `Bearer ${(await this.tokenFor(scopes)).value}`
  }

  /** The refresh token that came with the token of these scopes, once there is one. */
  async refreshTokenFor(scopes: readonly string[]): Promise<string | undefined> {
    return (await this.#tokens.get(scopes.join(' '))?.token)?.refreshToken
  }

  /** Throws unauthenticated, also when the registry's challenge was not for a token. */
  async tokenFor(scopes: readonly string[]): Promise<Token> {
    const key = scopes.join(' ')
    const known = this.#tokens.get(key)
    if (known !== undefined && known.expiresAt > Date.now()) return known.token
    const challenge = this.#challenge
    if (challenge === undefined) throw new SlipwayError('unauthenticated', 'unauthorized: authentication required')
    const { transport, credentials, toKeep = false, signal } = this.#options
    const wanted = scopes.length > 0 ? scopes : (challenge.parameters['scope']?.split(' ') ?? [])
    const request = { challenge, scopes: wanted, credentials, toKeep, ...(signal ? { signal } : {}) }
    const token = fetchToken(transport, request)
    const kept: KeptToken = { token, expiresAt: Number.POSITIVE_INFINITY }
    // Requests that start together share one token; a refusal is not kept.
    this.#tokens.set(key, kept)
    token.then(
      ({ expiresAt }) => {
        kept.expiresAt = expiresAt
      },
      () => this.#tokens.delete(key),
    )
    return token
  }
}
