import assert from 'node:assert/strict'
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest, Agent as TlsAgent } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { parseChallenges } from '@slipway/remote'
import type { Call } from './candidate.ts'

export interface Login {
  readonly user: string
  readonly password: string
}

/** What a registry answered. */
export class Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly #asked: string

  constructor(asked: string, { statusCode = 0, headers }: IncomingMessage, body: Buffer) {
    this.#asked = asked
    this.status = statusCode
    this.headers = headers
    this.body = body
  }

  expect(...statuses: readonly number[]): this {
    const told = this.body.toString('utf8', 0, 300)
    assert.ok(
      statuses.includes(this.status),
      `${this.#asked}: ${this.status} instead of ${statuses.join(' or ')} ${told}`,
    )
    return this
  }

  /** The value of a header that must be there. */
  header(name: string): string {
    const value = this.headers[name]
    assert.ok(value !== undefined, `${this.#asked}: no header ${name}`)
    return String(value)
  }

  json(): Readonly<Record<string, unknown>> {
    return JSON.parse(this.body.toString('utf8')) as Readonly<Record<string, unknown>>
  }

  /** The codes of a refusal. */
  codes(): readonly string[] {
    const { errors } = this.json()
    assert.ok(Array.isArray(errors) && errors.length > 0, `${this.#asked}: a refusal lists its errors`)
    return (errors as readonly { readonly code: string }[]).map(({ code }) => code)
  }
}

/** HTTP, without any help: no redirects, no decompression, no headers of its own. */
export class Connection {
  readonly #base: URL
  readonly #login: Login | undefined
  readonly #agent: Agent
  /** By scope. */
  readonly #credentials = new Map<string, string>()

  constructor(url: string, login?: Login) {
    this.#base = new URL(url)
    this.#login = login
    const options = { keepAlive: true, maxSockets: 4 }
    this.#agent = this.#base.protocol === 'https:' ? new TlsAgent(options) : new Agent(options)
  }

  /** Sends a request; when the registry asks who it is, says so, and sends it again. */
  async call(method: string, path: string, call: Call): Promise<Answer> {
    const key = `${/^\/v2\/[^?]*?(?=\/(?:blobs|manifests|tags|referrers)\/)|^\/v2\/_catalog/.exec(new URL(path, this.#base).pathname)?.[0]}`
    const first = await this.#send(method, path, call, this.#credentials.get(key))
    if (first.status !== 401) return first
    const credentials = await this.#logIn(first)
    if (credentials === undefined) return first
    this.#credentials.set(key, credentials)
    return this.#send(method, path, call, credentials)
  }

  close(): void {
    this.#agent.destroy()
  }

  async #logIn(refusal: Answer): Promise<string | undefined> {
    const basic =
      this.#login && `Basic ${Buffer.from(`${this.#login.user}:${this.#login.password}`).toString('base64')}`
    const [challenge] = parseChallenges(refusal.headers['www-authenticate'])
    if (challenge?.scheme !== 'bearer') return basic
    const { realm = '', service = '', scope = '' } = challenge.parameters
    // Deleting and mounting need more than the first refusal says.
    const repository = /^repository:(.+):[^:]+$/.exec(scope)?.[1]
    const url = new URL(realm)
    url.searchParams.set('service', service)
    const wanted = repository === undefined ? scope : `repository:${repository}:pull,push,delete`
    if (wanted !== '') url.searchParams.set('scope', wanted)
    const answer = await this.#send('GET', url.href, {}, basic)
    const { token, access_token } = answer.expect(200).json()
    return `Bearer ${token ?? access_token}`
  }

  #send(method: string, path: string, { headers = {}, body }: Call, credentials?: string): Promise<Answer> {
    const url = new URL(path, this.#base)
    const whole = typeof body === 'string' ? Buffer.from(body) : body
    const length = Buffer.isBuffer(whole) ? { 'Content-Length': String(whole.length) } : {}
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    return new Promise((resolve, reject) => {
      const request = send(
        url,
        {
          method,
          agent: this.#agent,
          headers: { ...length, ...headers, ...(credentials ? { Authorization: credentials } : {}) },
        },
        (response) => {
          buffer(response).then(
            (bytes) => resolve(new Answer(`${method} ${url.pathname}${url.search}`, response, bytes)),
            reject,
          )
        },
      )
      request.on('error', reject)
      if (Buffer.isBuffer(whole)) request.end(whole)
      else {
        for (const piece of whole ?? []) request.write(piece)
        request.end()
      }
    })
  }
}
