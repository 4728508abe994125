import { hasCode } from '@slipway/core'
import { addressesOf, apiHostOf, areWithin, hostnameOf, isLoopback, originsOf } from './address.ts'
import { Authorization } from './authorization.ts'
import { readCertificates } from './certificates.ts'
import { parseChallenges } from './challenge.ts'
import type { RegistryCredentials } from './credentials.ts'
import { faultOf } from './fault.ts'
import { defaultRetryPolicy, isTransient, type RetryPolicy, withRetries } from './retry.ts'
import { drain, type Request, type Response, Transport } from './transport.ts'

export interface SessionOptions {
  /** As in a reference: `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string
  readonly credentials?: RegistryCredentials
  /** Ask the registry's token server for a refresh token, too: for a login, which keeps it in place of the password. */
  readonly toKeep?: boolean
  /** May speak plain HTTP, or TLS with a certificate nobody vouches for. Loopback always may. */
  readonly insecure?: boolean
  /** CIDR ranges: who is called by a name, and has all addresses in them or on loopback, may do so as well. */
  readonly insecureRanges?: readonly string[]
  /** Directories of certificates by registry (see `readCertificates`). */
  readonly certificates?: readonly string[]
  readonly retry?: RetryPolicy
  readonly signal?: AbortSignal
}

export interface RegistryRequest {
  readonly method: Request['method']
  /** A path on the registry, `/v2/…`, or an address it gave. */
  readonly target: string | URL
  readonly scopes?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes in memory are sent again when need be; a stream is sent once. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
  /** The statuses that are no error. */
  readonly expect: readonly number[]
  readonly signal?: AbortSignal
}

const isStream = (body: RegistryRequest['body']): body is AsyncIterable<Uint8Array> =>
  body !== undefined && !(body instanceof Uint8Array)

/** One registry: finds where and how it answers, proves who we are, tries again what is worth it, names what failed. */
export class Session implements AsyncDisposable {
  #options: SessionOptions
  readonly #transport: Transport
  readonly authorization: Authorization
  readonly retry: RetryPolicy
  #origin: Promise<string> | undefined

  constructor(options: SessionOptions) {
    const { registry, credentials = {}, toKeep = false, insecure = false, certificates = [] } = options
    const { retry = defaultRetryPolicy, signal } = options
    const host = apiHostOf(registry)
    this.#options = options
    this.retry = retry
    this.#transport = new Transport({
      host,
      insecure: insecure || isLoopback(host),
      certificates: () => readCertificates(certificates, registry),
    })
    const transport = this.#transport
    this.authorization = new Authorization({ transport, credentials, toKeep, ...(signal ? { signal } : {}) })
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal
  }

  /** Where the registry answers, found once: `http://127.0.0.1:5000`. Throws unavailable. */
  origin(): Promise<string> {
    this.#origin ??= this.#discover().catch((error: unknown) => {
      this.#origin = undefined
      throw error
    })
    return this.#origin
  }

  async #discover(): Promise<string> {
    const { registry, insecure = false } = this.#options
    const origins = originsOf(apiHostOf(registry), insecure)
    for (const origin of origins.slice(0, -1)) {
      const answered = await this.#ping(origin).then(
        () => true,
        (error: unknown) => {
          if (isUnreachable(error)) return false
          throw error
        },
      )
      if (answered) return origin
    }
    const last = origins.at(-1) ?? ''
    try {
      await this.#ping(last)
      return last
    } catch (error) {
      if (origins.length > 1 || !isTlsFault(error) || !(await this.#relax())) throw error
      return this.#discover()
    }
  }

  /** Whether it is a name for this machine, or for one that may be spoken to without verified TLS; then it will be. */
  async #relax(): Promise<boolean> {
    const { registry, insecureRanges = [] } = this.#options
    const addresses = await addressesOf(hostnameOf(apiHostOf(registry)))
    if (!areWithin(addresses, insecureRanges)) return false
    await this.#transport.relax(addresses)
    this.#options = { ...this.#options, insecure: true }
    return true
  }

  /** `GET /v2/`: is it there, and what does it want to see? (distribution-spec, "Determining Support") */
  async #ping(origin: string): Promise<void> {
    const worthwhile = (error: unknown): boolean => isTransient(error) && !isUnreachable(error)
    await withRetries({ policy: this.retry, signal: this.signal, worthwhile }, async () => {
      const { signal } = this
      const url = new URL('/v2/', origin)
      const response = await this.#transport.send({ method: 'GET', url, ...(signal ? { signal } : {}) })
      if (response.status === 429 || response.status >= 500) throw await faultOf(response)
      this.authorization.learn(parseChallenges(response.headers['www-authenticate']))
      await drain(response)
    })
  }

  /**
   * Asks, and returns an answer whose status is expected; the caller reads or drains its body. Everything else is thrown
   * as a SlipwayError in the registry's words.
   */
  async request(request: RegistryRequest): Promise<Response> {
    const signal = request.signal ?? this.signal
    const origin = await this.origin()
    // A stream can't be sent twice: whoever owns its source tries again.
    if (isStream(request.body)) return this.#attempt(request, origin, signal)
    return withRetries({ policy: this.retry, signal }, () => this.#attempt(request, origin, signal))
  }

  async #attempt(request: RegistryRequest, origin: string, signal: AbortSignal | undefined): Promise<Response> {
    const scopes = request.scopes ?? []
    const send = async (): Promise<Response> => this.#transport.send(await this.#authorized(request, origin, signal))
    let response = await send()
    const challenges = parseChallenges(response.headers['www-authenticate'])
    if (response.status === 401 && !isStream(request.body) && this.authorization.learn(challenges)) {
      // Once: a registry that refuses a fresh token too would have us go round for ever.
      this.authorization.forget(scopes)
      await drain(response)
      response = await send()
    }
    if (request.expect.includes(response.status)) return response
    throw await faultOf(response)
  }

  async #authorized(request: RegistryRequest, origin: string, signal: AbortSignal | undefined): Promise<Request> {
    const url = new URL(request.target, origin)
    const base = new URL(origin)
    // Behind a proxy that ends TLS, some registries give upload addresses without the s.
    if (url.host === base.host) url.protocol = base.protocol
    const authorization = url.host === base.host ? await this.authorization.headerFor(request.scopes ?? []) : undefined
    return {
      method: request.method,
      url,
      headers: { ...(authorization === undefined ? {} : { authorization }), ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(signal === undefined ? {} : { signal }),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]()
  }
}

/** Nothing answers there, or nothing that speaks TLS. */
const isUnreachable = (error: unknown): boolean => hasCode(error, 'unavailable') && error.detail['connected'] === false

/** It speaks something else, or shows a certificate that nobody vouches for. */
const isTlsFault = (error: unknown): boolean => hasCode(error, 'unavailable') && error.detail['isTls'] === true
