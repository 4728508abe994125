import type { ServerResponse } from 'node:http'
import { type ApiRequest, isLoopback, type Route } from '@slipway/http'
import { callerMayEverywhere } from '../access/caller.ts'
import { authenticate } from '../access/challenge.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { service } from '../tokens/token.ts'

/** Of this machine, and not by way of a proxy on it. */
const isLocal = ({ raw }: ApiRequest): boolean =>
  isLoopback((raw.socket.remoteAddress ?? '').replace(/^::ffff:/, '')) &&
  raw.headers['x-forwarded-for'] === undefined &&
  raw.headers.forwarded === undefined

/** `GET /metrics`: for this machine, and for accounts that may manage the registry (Prometheus shows Basic credentials). */
const getMetrics = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const { metrics } = registry
  if (metrics === undefined) throw ociError('NOT_FOUND')
  if (!isLocal(request)) {
    const caller = await authenticate(request, response, registry)
    if (!(await callerMayEverywhere(registry, caller, 'manage'))) {
      if (caller.identity.kind !== 'anonymous') throw ociError('DENIED')
      response.setHeader('WWW-Authenticate', `Basic realm="${service}"`)
      throw ociError('UNAUTHORIZED')
    }
  }
  const text = await metrics.text()
  response.writeHead(200, { 'Content-Type': metrics.contentType, 'Content-Length': Buffer.byteLength(text) })
  response.end(request.raw.method === 'HEAD' ? undefined : text)
}

export const metricsRoutes: readonly Route<Registry>[] = [{ method: 'GET', path: '/metrics', handle: getMetrics }]
