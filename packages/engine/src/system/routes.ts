import type { ServerResponse } from 'node:http'
import { SlipwayError } from '@slipway/core'
import { type Method, type Route, sendJson } from '@slipway/http'
import { sendEvents } from './events.ts'
import { type InfoParts, systemInfo } from './info.ts'
import { systemVersion } from './version.ts'

export interface SystemRouteDeps {
  readonly info: InfoParts
}

const ping = async (_request: unknown, response: ServerResponse): Promise<void> => {
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Builder-Version': '1',
    Swarm: 'inactive',
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
    'Content-Length': 2,
  })
  response.end('OK')
}

/** An engine that isn't in a swarm, in dockerd's words. */
const notInSwarm = async (): Promise<void> => {
  throw new SlipwayError(
    'unavailable',
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  )
}

const swarmPaths: readonly (readonly [Method, string])[] = [
  ['GET', '/swarm'],
  ['GET', '/services'],
  ['GET', '/nodes'],
  ['GET', '/tasks'],
  ['GET', '/secrets'],
  ['GET', '/configs'],
]

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
  { method: 'GET', path: '/plugins', handle: async (_request, response) => sendJson(response, 200, []) },
  {
    method: 'GET',
    path: '/volumes',
    handle: async (_request, response) => sendJson(response, 200, { Volumes: [], Warnings: null }),
  },
  {
    method: 'POST',
    path: '/volumes/prune',
    handle: async (_request, response) => sendJson(response, 200, { VolumesDeleted: [], SpaceReclaimed: 0 }),
  },
  ...swarmPaths.map(([method, path]): Route<SystemRouteDeps> => ({ method, path, handle: notInSwarm })),
]
