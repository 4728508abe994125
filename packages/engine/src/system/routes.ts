import type { ServerResponse } from 'node:http'
import type { ShutdownResponse } from '@slipway/client'
import { type ChainId, invalid } from '@slipway/core'
import { type Route, sendEmpty, sendJson } from '@slipway/http'
import type { CacheRoom } from '../builds/cache.ts'
import { remakeInitLayer } from '../containers/init-layer.ts'
import { flag } from '../containers/logs/query.ts'
import { checkImages } from '../images/check.ts'
import { type ImageRouteDeps, roomOf } from '../images/request.ts'
import { diskUsage } from './disk-usage.ts'
import { sendEvents } from './events.ts'
import { type InfoParts, systemInfo } from './info.ts'
import { pluginRoutes } from './plugins.ts'
import { type Shutdown, shutdownSeconds } from './shutdown.ts'
import { swarmRoutes } from './swarm.ts'
import { systemVersion } from './version.ts'

export interface SystemRouteDeps extends ImageRouteDeps {
  readonly buildkit: CacheRoom
  readonly info: InfoParts
  readonly shutdown: Shutdown
}

const usageTypes = new Set(['container', 'image', 'volume', 'build-cache'])

const ping = async (_request: unknown, response: ServerResponse): Promise<void> => {
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Builder-Version': '2',
    Swarm: 'inactive',
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
    'Content-Length': 2,
  })
  response.end('OK')
}

export const systemRoutes: readonly Route<SystemRouteDeps>[] = [
  { method: 'HEAD', path: '/_ping', handle: ping },
  { method: 'GET', path: '/_ping', handle: ping },
  {
    method: 'GET',
    path: '/version',
    handle: async (_request, response, { info }) => sendJson(response, 200, await systemVersion(info.versions)),
  },
  {
    method: 'GET',
    path: '/info',
    handle: async (_request, response, { info }) => sendJson(response, 200, await systemInfo(info)),
  },
  {
    method: 'GET',
    path: '/events',
    handle: (request, response, { info }) => sendEvents(info.events, request, response),
  },
  {
    method: 'GET',
    path: '/system/df',
    async handle({ query }, response, deps) {
      const types = new Set(query.getAll('type'))
      for (const type of types) if (!usageTypes.has(type)) throw invalid(`unknown object type: ${type.slice(0, 80)}`)
      sendJson(
        response,
        200,
        await diskUsage({ images: roomOf(deps), containers: deps.info.containers, builds: deps.buildkit }, types),
      )
    },
  },
  {
    method: 'POST',
    path: '/system/check',
    async handle({ query, signal }, response, deps) {
      const { containers } = deps.info
      const needed = containers.records.all().map(({ id }) => id)
      const mounted = [...containers.running.keys()]
      const remake = (name: ChainId, image: ChainId | undefined) => remakeInitLayer(containers, name, image)
      const request = { repair: flag(query, 'repair'), needed, mounted, remake, signal }
      sendJson(response, 200, await checkImages(roomOf(deps), request))
    },
  },
  {
    method: 'POST',
    path: '/slipway/shutdown',
    async handle({ query }, response, { shutdown }) {
      const stopped = await shutdown.all({ timeout: shutdownSeconds(query.get('t')) })
      sendJson(response, 200, { ContainersStopped: stopped } satisfies ShutdownResponse)
      shutdown.ask()
    },
  },
  { method: 'OPTIONS', path: '/{anything...}', handle: async (_request, response) => sendEmpty(response, 200) },
  ...pluginRoutes,
  ...swarmRoutes,
]
