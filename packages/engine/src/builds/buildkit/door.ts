import { type SessionFacts, serveGrpc } from '@slipway/buildkit'
import { invalid } from '@slipway/core'
import { type ApiRequest, hijack, type Route } from '@slipway/http'
import { bridgeMethods } from './bridge.ts'
import { controlMethods } from './control.ts'
import type { BuildKit } from './room.ts'

export interface BuildKitRouteDeps {
  readonly buildkit: BuildKit
}

const contentType = 'application/vnd.docker.raw-stream'

const headerValues = ({ raw }: ApiRequest, name: string): readonly string[] => raw.headersDistinct[name] ?? []

const factsOf = (request: ApiRequest): SessionFacts => {
  const [id] = headerValues(request, 'x-docker-expose-session-uuid')
  if (!id) throw invalid('a session needs X-Docker-Expose-Session-Uuid')
  return {
    id,
    sharedKey: headerValues(request, 'x-docker-expose-session-sharedkey')[0] ?? '',
    methods: headerValues(request, 'x-docker-expose-session-grpc-method'),
  }
}

/** BuildKit's API: both requests turn their connection into HTTP/2. In a session, the daemon is its client. */
export const buildKitRoutes: readonly Route<BuildKitRouteDeps>[] = [
  {
    method: 'POST',
    path: '/grpc',
    since: '1.39',
    hijack: true,
    async handle(request, response, { buildkit }) {
      const socket = hijack(request, response, { contentType })
      await serveGrpc(socket, { ...controlMethods(buildkit), ...bridgeMethods(buildkit) })
    },
  },
  {
    method: 'POST',
    path: '/session',
    since: '1.39',
    hijack: true,
    async handle(request, response, { buildkit }) {
      const facts = factsOf(request)
      buildkit.sessions.add(hijack(request, response, { contentType }), facts)
    },
  },
]
