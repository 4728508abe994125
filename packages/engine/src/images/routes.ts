import { invalid, parseRepositoryTag } from '@slipway/core'
import { type Route, sendEmpty, sendJson } from '@slipway/http'
import { atLeast } from '../api-version.ts'
import { flag } from '../containers/logs/query.ts'
import { parseFilters } from '../filters.ts'
import { imageHistory } from './history.ts'
import { inspectImage } from './inspect.ts'
import { listImageLayers } from './layers.ts'
import { imageFilters, listImages } from './list.ts'
import { listMounts, mountImage, unmountImage } from './mount.ts'
import { platformsIn } from './platform.ts'
import { pruneFilters, pruneImages } from './prune.ts'
import { removeImage } from './remove.ts'
import { removeForPlatform } from './remove-platform.ts'
import { type Handle, type ImageRouteDeps, nameOf, roomOf, signalOf } from './request.ts'
import { tagImage } from './tag.ts'
import { transferRoutes } from './transfer-routes.ts'

const list: Handle = async ({ query, version }, response, deps) => {
  const filters = parseFilters(query.get('filters'), imageFilters)
  // Before filters, a pattern came as a parameter of its own.
  const pattern = query.get('filter')
  const all = pattern ? new Map([...filters, ['reference', [pattern]] as const]) : filters
  const manifests = atLeast(version, '1.47') && flag(query, 'manifests')
  sendJson(response, 200, await listImages(roomOf(deps), { all: flag(query, 'all'), filters: all, manifests }))
}

const tag: Handle = async (request, response, deps) => {
  const reference = parseRepositoryTag(request.query.get('repo') ?? '', request.query.get('tag') ?? '')
  await tagImage(roomOf(deps), nameOf(request), reference)
  sendEmpty(response, 201)
}

const remove: Handle = async (request, response, deps) => {
  const { query } = request
  const options = { force: flag(query, 'force'), noPrune: flag(query, 'noprune') }
  const [platform, ...more] = platformsIn(request, '1.50', 'platforms')
  if (more.length > 0) throw invalid('multiple platform parameters not supported')
  const removed = platform
    ? await removeForPlatform(roomOf(deps), nameOf(request), platform, options)
    : await removeImage(roomOf(deps), nameOf(request), options)
  sendJson(response, 200, removed)
}

const prune: Handle = async ({ query }, response, deps) =>
  sendJson(response, 200, await pruneImages(roomOf(deps), parseFilters(query.get('filters'), pruneFilters)))

export const imageRoutes: readonly Route<ImageRouteDeps>[] = [
  ...transferRoutes,
  { method: 'GET', path: '/images/json', handle: list },
  { method: 'POST', path: '/images/prune', since: '1.25', handle: prune },
  {
    method: 'GET',
    path: '/images/{name...}/json',
    async handle(request, response, deps) {
      const [platform] = platformsIn(request, '1.49')
      const manifests = atLeast(request.version, '1.48') && flag(request.query, 'manifests')
      if (platform !== undefined && manifests) {
        throw invalid('conflicting options: manifests and platform options cannot both be set')
      }
      sendJson(response, 200, await inspectImage(roomOf(deps), nameOf(request), { platform, manifests }))
    },
  },
  {
    method: 'GET',
    path: '/images/{name...}/history',
    handle: async (request, response, deps) =>
      sendJson(response, 200, await imageHistory(roomOf(deps), nameOf(request), platformsIn(request, '1.48')[0])),
  },
  {
    method: 'GET',
    path: '/slipway/images/{name...}/layers',
    handle: (request, response, deps) =>
      listImageLayers(roomOf(deps), response, {
        name: nameOf(request),
        ...signalOf(request),
      }),
  },
  {
    method: 'GET',
    path: '/slipway/mounts',
    handle: async (_request, response, deps) => sendJson(response, 200, await listMounts(roomOf(deps))),
  },
  {
    method: 'POST',
    path: '/slipway/images/{name...}/mount',
    async handle(request, response, deps) {
      await mountImage(roomOf(deps), nameOf(request), request.query.get('path') ?? '')
      sendEmpty(response, 204)
    },
  },
  {
    method: 'POST',
    path: '/slipway/unmount',
    async handle(request, response, deps) {
      await unmountImage(roomOf(deps), request.query.get('path') ?? '')
      sendEmpty(response, 204)
    },
  },
  { method: 'POST', path: '/images/{name...}/tag', handle: tag },
  { method: 'DELETE', path: '/images/{name...}', handle: remove },
]
