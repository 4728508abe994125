import { type BuildWorker, pruneBuilds } from '@slipway/build'
import { type Route, sendJson } from '@slipway/http'
import type { Collector } from '../images/collect.ts'
import { serveBuild } from './build.ts'

export interface BuildRouteDeps {
  readonly builds: BuildWorker
  readonly collector: Collector
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
    async handle(_request, response, { builds, collector }) {
      const { deleted, bytes } = await pruneBuilds(builds)
      // Only what no image stands on goes.
      const { snapshots, reclaimed } = await collector.collect()
      sendJson(response, 200, { CachesDeleted: [...deleted, ...snapshots], SpaceReclaimed: bytes + reclaimed })
    },
  },
]
