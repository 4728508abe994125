import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SlipwayError } from '@slipway/core'
import { type EngineHost, parseHost } from './host.ts'
import { encodeQuery, type Query } from './query.ts'
import { maximumErrorBody, readText } from './read-text.ts'
import { errorFromStatus } from './status.ts'
import { unreachable } from './unreachable.ts'

/**
 * Not imported: an import of node:http reads each of its exports, and one of them loads all of undici, which is 35 ms of
 * a command's start (Node 24.21; 5 ms this way). node:https is only loaded when it is wanted.
 */
const http = process.getBuiltinModule('node:http')
const https = (): typeof import('node:https') => process.getBuiltinModule('node:https')

/** PEM texts, as in `ca.pem`, `cert.pem` and `key.pem` of DOCKER_CERT_PATH. */
export interface EngineTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** False: accept any certificate. */
  readonly verify?: boolean
}

export interface EngineClientOptions {
  /** `unix:///run/slipway/slipway.sock` or `tcp://host:port` */
  readonly host: string
  /** Default: the newest this client knows, lowered by `negotiate()`. */
  readonly apiVersion?: string
  readonly tls?: EngineTls
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface EngineRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Without the version: `/containers/json`. Names in it are encoded by the caller. */
  readonly path: string
  readonly query?: Query
  /** A list: the header as often. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is, chunked. */
  readonly body?: AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal | undefined
}

export const newestApiVersion = '1.51'

const isOlder = (a: string, b: string): boolean => {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA !== majorB ? majorA < majorB : minorA < minorB
}

/**
 * Sends the body. Rejects when the body itself can't be read; a connection that breaks is the request's own error, and
 * an engine that answers early and closes is no error at all. Never resolves: the answer does.
 */
const sendBody = (request: ClientRequest, { json, body }: EngineRequest): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (body === undefined) {
      request.end(json === undefined ? undefined : JSON.stringify(json))
      return
    }
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* body
      } catch (error) {
        reject(error)
        throw error
      }
    }
    pipeline(Readable.from(watched()), request).catch(() => undefined)
  })

const refuseUpgrade = async (response: IncomingMessage): Promise<never> => {
  const body = await readText(response, maximumErrorBody)
  const status = response.statusCode ?? 0
  if (status >= 400) throw errorFromStatus(status, body)
  throw new SlipwayError('unsupported', `unable to upgrade to tcp, received ${status}`)
}

/** A connection to an engine. The verbs (`createContainer(client, …)`) are functions that take one. */
export class EngineClient implements AsyncDisposable {
  readonly host: string
  #apiVersion: string
  #hasBuildKit = true
  readonly #target: EngineHost
  readonly #agent: Agent
  readonly #tls: EngineTls | undefined
  readonly #headers: Readonly<Record<string, string>>

  constructor({ host, apiVersion = newestApiVersion, tls, headers = {} }: EngineClientOptions) {
    this.host = host
    this.#apiVersion = apiVersion
    this.#target = parseHost(host, { tls: tls !== undefined })
    this.#tls = tls
    this.#headers = headers
    this.#agent =
      tls === undefined
        ? new http.Agent({ keepAlive: true })
        : new (https().Agent)({ keepAlive: true, ...tls, rejectUnauthorized: tls.verify ?? true })
  }

  get apiVersion(): string {
    return this.#apiVersion
  }

  /** Whether it says that BuildKit is its builder; before `negotiate()`, it is believed to. */
  get hasBuildKit(): boolean {
    return this.#hasBuildKit
  }

  /** Asks the engine what it speaks and goes down to that; never up. Throws unavailable when nobody answers. */
  async negotiate(signal?: AbortSignal): Promise<{ readonly builderVersion: string | undefined }> {
    const { request, answer } = this.#open({ method: 'HEAD', path: '/_ping', signal }, { versioned: false })
    request.end()
    const response = await answer
    response.resume()
    const offered = response.headers['api-version']
    if (typeof offered === 'string' && isOlder(offered, this.#apiVersion)) this.#apiVersion = offered
    const builder = response.headers['builder-version']
    this.#hasBuildKit = builder === '2'
    return { builderVersion: typeof builder === 'string' ? builder : undefined }
  }

  /** Sends and waits for the head of the answer, whatever its status: for who hands the answer on. */
  async forward(wanted: EngineRequest): Promise<IncomingMessage> {
    const { request, answer } = this.#open(wanted, { versioned: true })
    return await Promise.race([answer, sendBody(request, wanted)])
  }

  /** Sends and waits for the head of the answer. A status of 400 and above is thrown, in the engine's words. */
  async request(wanted: EngineRequest): Promise<IncomingMessage> {
    const { request, answer } = this.#open(wanted, { versioned: true })
    const sent = sendBody(request, wanted)
    const response = await Promise.race([answer, sent])
    const status = response.statusCode ?? 0
    if (status < 400) return response
    const error = errorFromStatus(status, await readText(response, maximumErrorBody))
    // What it has refused needn't be sent to the end.
    if (wanted.body !== undefined) request.destroy()
    throw error
  }

  /** The answer as JSON; undefined when it has no body. */
  async json<T>(wanted: EngineRequest): Promise<T> {
    const text = await readText(await this.request(wanted), Number.POSITIVE_INFINITY)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  /** For what has nothing to answer. */
  async send(wanted: EngineRequest): Promise<void> {
    const response = await this.request(wanted)
    response.resume()
  }

  /**
   * Turns the connection into a plain one in both directions (`Upgrade: tcp`): what attach and exec do; or into HTTP/2's
   * (`h2c`), for BuildKit. `end()` on the stream closes our direction only, which is the end of stdin over there; what comes
   * from there goes on.
   */
  async hijack(wanted: EngineRequest, upgrade: 'tcp' | 'h2c' = 'tcp'): Promise<Socket> {
    const headers = { ...wanted.headers, connection: 'Upgrade', upgrade }
    const { request, answer } = this.#open({ method: 'POST', ...wanted, headers }, { versioned: true, ownSocket: true })
    const upgraded = new Promise<Socket>((resolve) => {
      request.once('upgrade', (_response, socket: Socket, head: Buffer) => {
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      })
    })
    request.end(wanted.json === undefined ? undefined : JSON.stringify(wanted.json))
    const socket = await Promise.race([upgraded, answer.then(refuseUpgrade)])
    wanted.signal?.addEventListener('abort', () => socket.destroy(), { once: true })
    return socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
  }

  #open(
    { method = 'GET', path, query, headers, json, body, signal }: EngineRequest,
    { versioned, ownSocket = false }: { readonly versioned: boolean; readonly ownSocket?: boolean },
  ): { readonly request: ClientRequest; readonly answer: Promise<IncomingMessage> } {
    const target = this.#target
    const text = json === undefined ? undefined : JSON.stringify(json)
    const options = {
      method,
      path: (versioned ? `/v${this.#apiVersion}` : '') + path + encodeQuery(query),
      // A hijacked socket never comes back: it must not be one that others wait for.
      agent: ownSocket && this.#tls === undefined ? false : this.#agent,
      headers: {
        host: target.protocol === 'unix' ? 'slipway' : `${target.hostname}:${target.port}`,
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(text === undefined && body === undefined && method === 'POST' ? { 'content-length': 0 } : {}),
        ...this.#headers,
        ...headers,
      },
      ...(target.protocol === 'unix' ? { socketPath: target.path } : { host: target.hostname, port: target.port }),
      ...(signal === undefined ? {} : { signal }),
    }
    const request = (this.#tls === undefined ? http : https()).request(options)
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve)
      request.on('error', (error) => reject(unreachable(this.host, error)))
    })
    // It may lose a race against an upgrade or a body that can't be read, and must not be unhandled then.
    answer.catch(() => undefined)
    return { request, answer }
  }
}
