import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { errnoOf, hasCode, isDialFailure, SlipwayError, wireWords } from '@slipway/core'
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'
import { hostnameOf, isLoopback } from './address.ts'
import type { Certificates } from './certificates.ts'

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | Readable | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
}

export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
  /** Where it came from in the end. */
  readonly url: URL
}

export const headerOf = (response: Response, name: string): string | undefined => {
  const value = response.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Reads what is left, so that the connection can be used again; long bodies are cut instead. */
export const drain = async (response: Response): Promise<void> => {
  let left = 256 * 1024
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      left -= chunk.length
      if (left < 0) break
    }
  } catch {
    // The answer had been read already; how its connection ends doesn't matter.
  }
}

const maximumRedirects = 5
const redirectStatuses = new Set([301, 302, 303, 307, 308])
const connectTimeout = 15_000
const silenceTimeout = 60_000

const capitalized = (method: string): string => method.charAt(0) + method.slice(1).toLowerCase()

/** A failed connection, with `detail.connected` false when not even TLS was up, and `detail.isTls` when it was that. */
export const wireFault = (
  error: unknown,
  request: Pick<Request, 'method' | 'url'> & { readonly signal?: AbortSignal | undefined },
): unknown => {
  if (request.signal?.aborted === true) return request.signal.reason ?? error
  if (hasCode(error, 'unavailable')) return error
  const errno = errnoOf(error)
  const isTls = /^(EPROTO|ERR_SSL|ERR_TLS|CERT_|SELF_|DEPTH_|UNABLE_)/.test(errno)
  const connected = !isDialFailure(errno) && !isTls && !/^(ENOTFOUND|EAI_)/.test(errno)
  const where = `${request.url.origin}${request.url.pathname}`
  return new SlipwayError(
    'unavailable',
    `${capitalized(request.method)} "${where}": ${wireWords(error, request.url)}`,
    {
      cause: error,
      detail: { connected, isTls, errno },
    },
  )
}

export interface TransportOptions {
  readonly host: string
  /** Take any certificate. */
  readonly insecure: boolean
  /** Where the host is, and nowhere else, whatever the next answer about its name is. */
  readonly addresses?: readonly LookupAddress[]
  /** Asked for once, before the first request. */
  readonly certificates?: () => Promise<Certificates>
}

/** Knows the one host without asking. */
const lookupOf = (host: string, addresses: readonly LookupAddress[]): LookupFunction => {
  const [first = { address: '', family: 4 }] = addresses
  return (name, options, done) => {
    if (name !== hostnameOf(host).toLowerCase()) return lookup(name, options, done)
    if (options.all) return done(null, [...addresses])
    return done(null, first.address, first.family)
  }
}

const makeDispatcher = ({ host, insecure, addresses }: TransportOptions, certificates: Certificates): Dispatcher => {
  const tls = { rejectUnauthorized: !insecure, ...certificates }
  const known = addresses === undefined ? {} : { lookup: lookupOf(host, addresses) }
  const options = {
    connect: { timeout: connectTimeout, ...tls, ...known },
    headersTimeout: silenceTimeout,
    bodyTimeout: silenceTimeout,
  }
  // Go's net/http never takes a proxy for loopback either.
  return isLoopback(host) || addresses !== undefined
    ? new Agent(options)
    : new EnvHttpProxyAgent({ ...options, requestTls: tls })
}

/**
 * Connections to one registry, and to wherever it sends us. Follows redirects, a few, and takes no Authorization along
 * to another host: a blob store behind a presigned address must not see it, and many refuse it.
 */
export class Transport implements AsyncDisposable {
  #options: TransportOptions
  #dispatcher: Promise<Dispatcher> | undefined

  constructor(options: TransportOptions) {
    this.#options = options
  }

  /** From now on any certificate will do, and the host is at these addresses alone. */
  async relax(addresses: readonly LookupAddress[]): Promise<void> {
    await this[Symbol.asyncDispose]()
    this.#dispatcher = undefined
    this.#options = { ...this.#options, insecure: true, addresses }
  }

  async #open(): Promise<Dispatcher> {
    return makeDispatcher(this.#options, (await this.#options.certificates?.()) ?? {})
  }

  async #sendOnce(request: Request): Promise<Response> {
    const { method, url, headers = {}, body, signal } = request
    this.#dispatcher ??= this.#open()
    const dispatcher = await this.#dispatcher
    try {
      const answer = await dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { 'user-agent': 'slipway', ...headers },
        // It takes anything that is iterable, too, which its types don't say.
        body: (body as Readable | Uint8Array | string | undefined) ?? null,
        ...(signal === undefined ? {} : { signal }),
      })
      // An abort or a cut after the last reader went away must not become an uncaught 'error'.
      answer.body.on('error', () => {})
      return { status: answer.statusCode, headers: answer.headers, body: answer.body, url }
    } catch (error) {
      throw wireFault(error, request)
    }
  }

  /** Throws unavailable when there is no answer; any answer, also 4xx and 5xx, is returned. */
  async send(request: Request): Promise<Response> {
    let current = request
    for (let hops = 0; hops <= maximumRedirects; hops += 1) {
      const response = await this.#sendOnce(current)
      const location = headerOf(response, 'location')
      if (!redirectStatuses.has(response.status) || location === undefined) return response
      await drain(response)
      current = redirected(current, location)
    }
    throw new SlipwayError(
      'invalid',
      `${capitalized(request.method)} "${request.url.origin}${request.url.pathname}": stopped after ${maximumRedirects} redirects`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const dispatcher = await this.#dispatcher?.catch(() => undefined)
    await dispatcher?.destroy()
  }
}

const redirected = (request: Request, location: string): Request => {
  const url = URL.parse(location, request.url.href)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new SlipwayError('invalid', 'the registry redirects to an address that is none')
  }
  if (request.body !== undefined && typeof request.body !== 'string' && !(request.body instanceof Uint8Array)) {
    throw new SlipwayError('unsupported', 'the registry redirects an upload, whose bytes are gone')
  }
  if (url.host === request.url.host && url.protocol === request.url.protocol) return { ...request, url }
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'authorization'),
  )
  return { ...request, url, headers }
}
