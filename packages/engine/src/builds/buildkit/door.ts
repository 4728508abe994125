import type { Duplex } from 'node:stream'
import { serveGrpc, sessionFacts } from '@slipway/buildkit'
import { notFound } from '@slipway/core'
import { hijack, type Route, sendJson } from '@slipway/http'
import { bridgeMethods } from './bridge.ts'
import { controlMethods } from './control.ts'
import type { BuildKit } from './room.ts'
import { sessionWire } from './session-wire.ts'

export interface BuildKitRouteDeps {
  readonly buildkit: BuildKit
}

const contentType = 'application/vnd.docker.raw-stream'

/** Speaks gRPC with whoever is at the other end, until the connection ends. */
export const serveBuildKit = (buildkit: BuildKit, socket: Duplex): Promise<void> =>
  serveGrpc(socket, { ...controlMethods(buildkit), ...bridgeMethods(buildkit) })

/** BuildKit's API: both requests turn their connection into HTTP/2. In a session, the daemon is its client. */
export const buildKitRoutes: readonly Route<BuildKitRouteDeps>[] = [
  {
    method: 'GET',
    path: '/build/explained',
    async handle({ query }, response, { buildkit }) {
      const ref = query.get('ref') || undefined
      const found = await buildkit.history.store.explained(ref)
      if (found === undefined) throw notFound('build', ref ?? 'none has ended')
      sendJson(response, 200, { Ref: found.ref, Steps: found.steps })
    },
  },
  {
    method: 'POST',
    path: '/grpc',
    since: '1.39',
    hijack: true,
    async handle(request, response, { buildkit }) {
      await serveBuildKit(buildkit, hijack(request, response, { contentType }))
    },
  },
  {
    method: 'POST',
    path: '/session',
    since: '1.39',
    hijack: true,
    async handle(request, response, { buildkit }) {
      const facts = sessionFacts(request.raw.headersDistinct)
      buildkit.sessions.add(sessionWire(hijack(request, response, { contentType })), facts)
    },
  },
]
