import { type BuildWorker, type PruneLimits, pruneBuilds } from '@slipway/build'
import { type Route, sendJson } from '@slipway/http'
import type { ContainerRoom } from '../containers/room.ts'
import { parseFilters } from '../filters.ts'
import type { Collector } from '../images/collect.ts'
import { untilFilter } from '../moment.ts'
import { publishPruned } from '../system/pruned.ts'
import { serveBuild } from './build.ts'

export interface BuildRouteDeps {
  readonly builds: BuildWorker
  readonly collector: Collector
  readonly containers: Pick<ContainerRoom, 'events'>
}

/** The filters that BuildKit's client has too; `unused-for` is another word for `until`. */
const limitsOf = (query: URLSearchParams): PruneLimits => {
  const filters = parseFilters(query.get('filters'), ['until', 'unused-for'])
  const until = untilFilter([...(filters.get('until') ?? []), ...(filters.get('unused-for') ?? [])])
  const keep = ['reserved-space', 'max-used-space', 'keep-storage'].map((name) => Number(query.get(name) ?? 0))
  const keepBytes = keep.find((bytes) => bytes > 0)
  return {
    ...(until === undefined ? {} : { unusedSince: new Date(until).toISOString() }),
    ...(keepBytes === undefined ? {} : { keepBytes }),
  }
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
    async handle({ query }, response, { builds, collector, containers }) {
      const { deleted, bytes } = await pruneBuilds(builds, limitsOf(query))
      // Only what no image stands on goes.
      const { snapshots, reclaimed } = await collector.collect()
      publishPruned(containers.events, 'builder', bytes + reclaimed)
      sendJson(response, 200, { CachesDeleted: [...deleted, ...snapshots], SpaceReclaimed: bytes + reclaimed })
    },
  },
]
