import { type BuildWorker, pruneCache } from '@slipway/build'
import { type Route, sendJson } from '@slipway/http'
import { serveBuild } from './build.ts'

export interface BuildRouteDeps {
  readonly builds: BuildWorker
}

export const buildRoutes: readonly Route<BuildRouteDeps>[] = [
  {
    method: 'POST',
    path: '/build',
    handle: (request, response, { builds }) => serveBuild(request, response, builds),
  },
  {
    method: 'POST',
    path: '/build/prune',
    since: '1.31',
    async handle(_request, response, { builds }) {
      await pruneCache(builds.cache)
      // The layers are freed by the collector, when no image stands on them any more.
      sendJson(response, 200, { CachesDeleted: [], SpaceReclaimed: 0 })
    },
  },
]
