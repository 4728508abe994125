import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { type Logger, SlipwayError } from '@slipway/core'
import { takePriorKnowledge } from './prior-knowledge.ts'
import { type ApiRequest, createMatcher, type Match, type Route, type Upgraded } from './route.ts'

/** Key and certificate of a server, as PEM. */
export interface ServerTls {
  readonly cert: Buffer
  readonly key: Buffer
  /** Asked for, only clients whose certificate it has signed get in. */
  readonly clientCa?: Buffer | undefined
}

export interface HttpServerOptions<Deps> {
  readonly routes: readonly Route<Deps>[]
  readonly deps: Deps
  readonly logger: Logger
  /** Sent with every answer, errors included. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Runs before the route is looked for; may rewrite the path and tell the API version (`/v1.47/info` → `/info`, `1.47`), or
   * throw.
   */
  readonly rewrite?: (path: string) => { readonly path: string; readonly version: string | undefined }
  /** Takes connections that speak HTTP/2 without asking; not over TLS. Without it they are refused. */
  readonly onHttp2?: (socket: Duplex) => void
  /** Turns what a handler threw into an answer. Called only while no head has been sent. */
  readonly renderError: (error: unknown, request: IncomingMessage, response: ServerResponse) => void
  /** Undefined: plain HTTP. */
  readonly tls?: ServerTls | undefined
  /** The error for a path nobody serves; default: not-found "page not found". */
  readonly noRoute?: (method: string, path: string, pathIsKnown: boolean) => Error
}

/** podman asks for the pieces of a layer with range headers longer than Node's 16 KiB. */
const maxHeaderSize = 128 * 1024

/** What is no request is 400, but for these. */
const refusals: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

const pageNotFound = (): SlipwayError => new SlipwayError('not-found', 'page not found')

interface Target<Deps> extends Match<Deps> {
  readonly path: string
  readonly version: string | undefined
  readonly query: URLSearchParams
}

const targetOf = <Deps>(
  { rewrite, noRoute = pageNotFound }: HttpServerOptions<Deps>,
  match: ReturnType<typeof createMatcher<Deps>>,
  { url = '/', method = 'GET' }: IncomingMessage,
): Target<Deps> => {
  const mark = url.indexOf('?')
  const asked = mark === -1 ? url : url.slice(0, mark)
  const { path, version } = rewrite?.(asked) ?? { path: asked, version: undefined }
  const found = match(method, path)
  if (found === undefined || found === 'wrong-method') throw noRoute(method, path, found === 'wrong-method')
  return { ...found, path, version, query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)) }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

const openServer = (
  tls: ServerTls | undefined,
  mayUpgrade: (request: IncomingMessage) => boolean,
  answer: Listener,
) => {
  const limits = { keepAliveTimeout: 60_000, requestTimeout: 0, maxHeaderSize, shouldUpgradeCallback: mayUpgrade }
  if (tls === undefined) return createServer(limits, answer)
  const { cert, key, clientCa } = tls
  const clients = clientCa ? { ca: clientCa, requestCert: true, rejectUnauthorized: true } : {}
  // As node:http has it: a client's end of stdin isn't the end of the output.
  return createTlsServer({ ...limits, allowHalfOpen: true, cert, key, minVersion: 'TLSv1.2', ...clients }, answer)
}

/** Gives the connection to `serve`; before it is handed over the answer can still be an ordinary error. */
const takeUpgrade = (
  serve: (request: IncomingMessage, response: ServerResponse, upgraded: Upgraded) => Promise<void>,
  request: IncomingMessage,
  { socket, head }: Upgraded,
): void => {
  socket.on('error', () => socket.destroy())
  const response = new ServerResponse(request)
  response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0])
  response.once('finish', () => socket.end())
  if (head.length > 0) socket.unshift(head)
  void serve(request, response, { socket, head })
}

/** Answers what is no request. In the middle of an answer that would be taken for a part of its body. */
const refuse = (error: NodeJS.ErrnoException, socket: Duplex, answering: ServerResponse | undefined): void => {
  const status = refusals[error.code ?? ''] ?? '400 Bad Request'
  const isInBody = answering?.headersSent === true && !answering.writableFinished
  if (!socket.writable || isInBody) socket.destroy()
  else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** An HTTP/1.1 server over a route table. The caller listens (see `listen()`) and closes. */
export const createHttpServer = <Deps>(options: HttpServerOptions<Deps>): Server => {
  const match = createMatcher(options.routes)

  const fail = (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
    if (response.headersSent || response.destroyed) {
      options.logger.debug({ url: request.url, error }, 'request failed after its answer had begun')
      response.destroy()
      return
    }
    options.renderError(error, request, response)
  }

  const serve = async (request: IncomingMessage, response: ServerResponse, upgraded?: Upgraded): Promise<void> => {
    for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value)
    const gone = new AbortController()
    const connection = upgraded?.socket ?? response
    connection.once('close', () => {
      if (upgraded || !response.writableFinished) gone.abort(new SlipwayError('cancelled', 'the client went away'))
    })
    try {
      const { route, ...target } = targetOf(options, match, request)
      const api: ApiRequest = { raw: request, signal: gone.signal, ...target, ...(upgraded ? { upgraded } : {}) }
      await route.handle(api, response, options.deps)
    } catch (error) {
      fail(error, request, response)
    }
  }

  const mayUpgrade = (request: IncomingMessage): boolean => {
    try {
      return targetOf(options, match, request).route.hijack === true
    } catch {
      return false
    }
  }

  /** The answers under way, by their connections. */
  const answers = new WeakMap<Duplex, ServerResponse>()
  const server: Server = openServer(options.tls, mayUpgrade, (request, response) => {
    if (response.socket !== null) answers.set(response.socket, response)
    void serve(request, response)
  })
  if (options.tls === undefined && options.onHttp2 !== undefined) takePriorKnowledge(server, options.onHttp2)
  server.on('upgrade', (request, socket, head) => takeUpgrade(serve, request, { socket, head }))
  server.on('clientError', (error, socket) => refuse(error, socket, answers.get(socket)))
  return server
}
