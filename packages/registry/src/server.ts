import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createHttpServer, type Pages, type ServerTls } from '@slipway/http'
import { apiTable } from './api/table.ts'
import { ociError, renderOciError } from './distribution/oci-error.ts'
import { distributionRoutes } from './distribution/routes.ts'
import { bytesSentOn } from './distribution/send-file.ts'
import { healthRoutes } from './health/routes.ts'
import { hubPageRoutes } from './hub/routes.ts'
import { metricsRoutes } from './metrics/routes.ts'
import type { Registry } from './registry.ts'
import { requestIdOf } from './request-id.ts'
import { searchRoutes } from './search/routes.ts'
import { oidcRoutes } from './sign-in/oidc/routes.ts'
import { tokenRoutes } from './tokens/routes.ts'

/** No byte for so long: the client is gone, though its connection isn't. */
const longestSilenceMs = 5 * 60 * 1000

const headers = {
  'Docker-Distribution-API-Version': 'registry/2.0',
  // A blob is whatever someone pushed: no browser is to take it for a page of this address.
  'X-Content-Type-Options': 'nosniff',
}

/** Follows a request to the end of its answer: into the log, the figures and the traces. */
const observe = (registry: Registry, request: IncomingMessage, response: ServerResponse): void => {
  const { logger, metrics, traces, settings } = registry
  const { method = '', url = '', socket } = request
  const began = performance.now()
  const [read, written] = [socket.bytesRead, bytesSentOn(socket)]
  const span = traces?.begin(request)
  const requestId = requestIdOf(request)
  response.setHeader('X-Request-Id', requestId)
  underWay.set(socket, response)
  metrics?.begun()
  response.once('close', () => {
    const status = response.statusCode
    const ms = performance.now() - began
    span?.end(status)
    metrics?.answered({
      method,
      path: url.split('?', 1)[0] ?? '',
      status,
      seconds: ms / 1000,
      receivedBytes: socket.bytesRead - read,
      sentBytes: bytesSentOn(socket) - written,
    })
    const facts = { method, url, status, ms: Math.round(ms), requestId, agent: request.headers['user-agent'] }
    if (settings.accessLog) logger.info(facts, 'answered')
    else logger.debug(facts, 'answered')
  })
}

/** Every address, but for the pages'. */
export const routes = [
  ...distributionRoutes,
  ...tokenRoutes,
  ...searchRoutes,
  ...apiTable,
  ...healthRoutes,
  ...metricsRoutes,
  ...oidcRoutes,
]

/** The answers under way, by their connections. */
const underWay = new WeakMap<Socket, ServerResponse>()

/** A client that stopped in the middle of its request is told so, where nothing was answered yet, and sent away. */
const endSilence = (socket: Socket): void => {
  const response = underWay.get(socket)
  if (response === undefined || response.headersSent || response.req.complete) {
    socket.destroy()
    return
  }
  const body = JSON.stringify({ errors: [{ code: 'REQUEST_INVALID', message: 'the request did not go on' }] })
  response.writeHead(408, { Connection: 'close', 'Content-Type': 'application/json' })
  response.end(body, () => {
    // Node lets go of a request that was answered: whoever reads its body would wait for ever, and hold what it writes to.
    response.req.destroy(new Error('the client went silent'))
    socket.destroy()
  })
}

/** The registry's door; with `tls`, over TLS. */
export const createServer = (
  registry: Registry,
  pages: Pages,
  {
    tls,
    silenceMs = longestSilenceMs,
  }: { readonly tls?: ServerTls | undefined; readonly silenceMs?: number | undefined },
): Server => {
  const server = createHttpServer({
    routes: [...routes, ...hubPageRoutes],
    deps: { ...registry, pages },
    logger: registry.logger,
    headers,
    renderError: renderOciError(registry.logger),
    noRoute: (_method, _path, pathIsKnown) => ociError(pathIsKnown ? 'UNSUPPORTED' : 'NOT_FOUND'),
    tls,
  })
  // Before the handler: what is refused at once has its id too.
  server.prependListener('request', (request, response) => observe(registry, request, response))
  return server.setTimeout(silenceMs, endSilence)
}
