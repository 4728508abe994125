import type { Agent, IncomingMessage, RequestOptions } from 'node:http'
import { SlipwayError } from '@slipway/core'
import { encodeQuery, type Query } from '../connection/query.ts'
import { maximumErrorBody, readText } from '../connection/read-text.ts'
import { errorFromHub, hubUnreachable } from './refusal.ts'

/** Not imported: see the engine's client. */
const http = process.getBuiltinModule('node:http')
const https = (): typeof import('node:https') => process.getBuiltinModule('node:https')

/** Who asks: an account with its password or an access token of its own, or a token of the token protocol. */
export type HubCredentials = { readonly username: string; readonly password: string } | { readonly bearer: string }

export interface HubClientOptions {
  /** `https://hub.example.com`, `http://127.0.0.1:5000` */
  readonly url: string
  /** Missing: nobody in particular, until `signIn()`. */
  readonly credentials?: HubCredentials
  /** A PEM text: trusted besides those that the system trusts. */
  readonly ca?: string
  readonly userAgent?: string
}

export interface HubRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/v1`: `/repositories`. Names in it are encoded by the caller. */
  readonly path: string
  readonly query?: Query
  /** Sent as JSON. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

const authorizationOf = (credentials: HubCredentials | undefined): Readonly<Record<string, string>> => {
  if (credentials === undefined) return {}
  if ('bearer' in credentials) return { authorization: `Bearer ${credentials.bearer}` }
  const { username, password } = credentials
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

/**
 * A connection to a registry's hub (`/api/v1/…`, described by its `openapi.json`). The calls (`listRepositories(hub, …)`) are
 * functions that take one. It has a session, too, as a browser has: `signIn()` opens it.
 */
export class HubClient implements AsyncDisposable {
  readonly url: string
  readonly #options: HubClientOptions
  readonly #agent: Agent
  #cookie: string | undefined

  /** Throws invalid when the URL is none. */
  constructor(options: HubClientOptions) {
    const url = URL.canParse(options.url) ? new URL(options.url) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      throw new SlipwayError('invalid', `invalid address of a hub: ${JSON.stringify(options.url)}`)
    }
    this.url = url.origin
    this.#options = options
    // Certificates that are given take the place of those that Node knows.
    const { rootCertificates } = process.getBuiltinModule('node:tls')
    const settings = { keepAlive: true, ...(options.ca ? { ca: [...rootCertificates, options.ca] } : {}) }
    this.#agent = url.protocol === 'https:' ? new (https().Agent)(settings) : new http.Agent(settings)
  }

  /** Sends and waits for the head of the answer. A status of 400 and above is thrown, in the hub's words. */
  async request(wanted: HubRequest): Promise<IncomingMessage> {
    const response = await this.#send(wanted)
    const status = response.statusCode ?? 0
    this.#keepCookie(response)
    if (status < 400) return response
    throw errorFromHub(status, await readText(response, maximumErrorBody))
  }

  /** The answer as JSON; undefined when it has no body. */
  async json<T>(wanted: HubRequest): Promise<T> {
    const text = await readText(await this.request(wanted), Number.POSITIVE_INFINITY)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  /** For what has nothing to answer. */
  async send(wanted: HubRequest): Promise<void> {
    const response = await this.request(wanted)
    response.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
  }

  #keepCookie(response: IncomingMessage): void {
    const set = response.headers['set-cookie']?.find((line) => line.startsWith('slipway_hub='))
    if (set !== undefined) this.#cookie = set.split(';', 1)[0]
  }

  #send({ method = 'GET', path, query, json, headers, signal }: HubRequest): Promise<IncomingMessage> {
    const body = json === undefined ? undefined : JSON.stringify(json)
    const { credentials, userAgent = 'Slipway-Client' } = this.#options
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      headers: {
        'user-agent': userAgent,
        ...authorizationOf(credentials),
        // What changes something by a session must come from a page of the same address, or say so.
        ...(this.#cookie === undefined ? {} : { cookie: this.#cookie, origin: this.url }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        'content-length': String(Buffer.byteLength(body ?? '')),
        ...headers,
      },
      ...(signal === undefined ? {} : { signal }),
    }
    const { request } = this.url.startsWith('https:') ? https() : http
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}/api/v1${path}${encodeQuery(query)}`, options, resolve)
      sent.on('error', (error) => reject(hubUnreachable(this.url, error)))
      sent.end(body)
    })
  }
}

/** A page of a list, and where the next begins. */
interface Page {
  readonly next: string | null
}

/** All rows of a list that comes in pages, a page at a time as they are wanted. */
export const rowsOf = async function* <P extends Page, Row>(
  hub: HubClient,
  wanted: HubRequest,
  rowsIn: (page: P) => readonly Row[],
  cursor = 'after',
): AsyncGenerator<Row> {
  for (let at: string | null | undefined; at !== null; ) {
    const page: P = await hub.json<P>({ ...wanted, query: { ...wanted.query, ...(at ? { [cursor]: at } : {}) } })
    yield* rowsIn(page)
    at = page.next
  }
}
