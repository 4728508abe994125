import { type BuildWorker, type PruneLimits, parseCacheFilters } from '@slipway/build'
import { type Route, sendJson } from '@slipway/http'
import type { ContainerRoom } from '../containers/room.ts'
import { parseFilters } from '../filters.ts'
import { untilFilter } from '../moment.ts'
import { publishPruned } from '../system/pruned.ts'
import { serveBuild } from './build.ts'
import { type CacheRoom, pruneCache } from './cache.ts'

export interface BuildRouteDeps {
  readonly builds: BuildWorker
  readonly buildkit: CacheRoom
  readonly containers: Pick<ContainerRoom, 'events'>
}

const filterNames = ['until', 'unused-for', 'id', 'parent', 'type', 'description', 'inuse', 'shared', 'private']
const switches = new Set(['inuse', 'shared', 'private'])

/** Docker's filters in containerd's words; a name is looked for in parts. */
const termOf = (name: string, value: string): string => {
  if (switches.has(name)) return /^(0|false|f)$/i.test(value) ? `${name}==false` : name
  return name === 'type' ? `type==${value}` : `${name}~=${value}`
}

const sizeOf = (query: URLSearchParams, ...names: readonly string[]): number =>
  names.map((name) => Number(query.get(name) ?? 0)).find((bytes) => bytes > 0) ?? 0

/** The filters that BuildKit's client has too; `unused-for` is another word for `until`. */
const limitsOf = (query: URLSearchParams): PruneLimits => {
  const filters = parseFilters(query.get('filters'), filterNames)
  const until = untilFilter([...(filters.get('until') ?? []), ...(filters.get('unused-for') ?? [])])
  const terms = [...filters]
    .filter(([name]) => name !== 'until' && name !== 'unused-for')
    .flatMap(([name, values]) => values.map((value) => termOf(name, value)))
  return {
    all: /^(1|true)$/i.test(query.get('all') ?? ''),
    ...(terms.length === 0 ? {} : { filter: parseCacheFilters([terms.join(',')]) }),
    ...(until === undefined ? {} : { unusedSince: new Date(until).toISOString() }),
    reservedSpace: sizeOf(query, 'reserved-space', 'keep-storage'),
    maxUsedSpace: sizeOf(query, 'max-used-space'),
    minFreeSpace: sizeOf(query, 'min-free-space'),
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
    async handle({ query }, response, { buildkit, containers }) {
      const gone = await pruneCache(buildkit, limitsOf(query))
      const SpaceReclaimed = gone.reduce((sum, { bytes }) => sum + bytes, 0)
      publishPruned(containers.events, 'builder', SpaceReclaimed)
      sendJson(response, 200, { CachesDeleted: gone.map(({ id }) => id), SpaceReclaimed })
    },
  },
]
