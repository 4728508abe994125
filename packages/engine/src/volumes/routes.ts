import type { VolumeCreateBody } from '@slipway/client'
import { hasCode, invalid, messageOf, SlipwayError } from '@slipway/core'
import { type ApiRequest, type BodyShape, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { atLeast } from '../api-version.ts'
import { flag } from '../containers/logs/query.ts'
import type { ContainerRoom } from '../containers/room.ts'
import { type Filters, parseFilters } from '../filters.ts'
import { noSwarm } from '../system/swarm.ts'
import { inspectVolume } from './inspect.ts'
import { filterVolumes, volumeFilters } from './list.ts'
import { pruneVolumes } from './prune.ts'
import type { Volumes } from './volumes.ts'

export interface VolumeRouteDeps {
  readonly containers: ContainerRoom
}

const nameOf = ({ params }: ApiRequest): string => params['name'] ?? ''

const { empty, map, object, text } = shape

const createBody: BodyShape<VolumeCreateBody> = {
  name: 'CreateOptions',
  shape: object('volume.CreateOptions', {
    Name: text(),
    Driver: text(),
    DriverOpts: map(text()),
    Labels: map(text()),
    ClusterVolumeSpec: empty,
  }),
}

/** A list's filters; docker says what they are of. */
const listFilters = (text: string | null): Filters => {
  try {
    return parseFilters(text, volumeFilters)
  } catch (error) {
    throw messageOf(error) === 'invalid filter' ? invalid('error reading volume filters: invalid filter', error) : error
  }
}

const create = async (volumes: Volumes, body: VolumeCreateBody | undefined) => {
  const { Name, Driver, DriverOpts, Labels, ClusterVolumeSpec } = body ?? {}
  if (ClusterVolumeSpec !== undefined) throw new SlipwayError('unavailable', noSwarm)
  const wanted = { driver: Driver, options: DriverOpts, labels: Labels }
  using held = await (Name ? volumes.take({ ...wanted, name: Name }) : volumes.takeAnonymous(wanted))
  return inspectVolume(volumes, held.volume)
}

const remove = async (volumes: Volumes, name: string, force: boolean): Promise<void> => {
  try {
    await volumes.remove(name)
  } catch (error) {
    if (!force || !hasCode(error, 'not-found')) throw error
  }
}

export const volumeRoutes: readonly Route<VolumeRouteDeps>[] = [
  {
    method: 'GET',
    path: '/volumes',
    handle: async ({ query }, response, { containers: { volumes } }) => {
      const filters = listFilters(query.get('filters'))
      const found = filterVolumes(volumes.all(), filters, ({ name }) => volumes.usersOf(name).length > 0)
      sendJson(response, 200, { Volumes: found.map((volume) => inspectVolume(volumes, volume)), Warnings: null })
    },
  },
  {
    method: 'POST',
    path: '/volumes/create',
    handle: async (request, response, { containers }) =>
      sendJson(response, 201, await create(containers.volumes, await readJson(request, createBody))),
  },
  {
    method: 'POST',
    path: '/volumes/prune',
    handle: async ({ query, version }, response, { containers }) => {
      const filters = parseFilters(query.get('filters'), ['all', 'label', 'label!'])
      sendJson(response, 200, await pruneVolumes(containers, filters, { named: !atLeast(version, '1.42') }))
    },
  },
  {
    method: 'GET',
    path: '/volumes/{name}',
    handle: async (request, response, { containers: { volumes } }) =>
      sendJson(response, 200, inspectVolume(volumes, volumes.find(nameOf(request)))),
  },
  {
    method: 'PUT',
    path: '/volumes/{name}',
    since: '1.42',
    async handle() {
      const words = 'volume update only valid for cluster volumes, but swarm is unavailable'
      throw new SlipwayError('unavailable', words)
    },
  },
  {
    method: 'DELETE',
    path: '/volumes/{name}',
    handle: async (request, response, { containers: { volumes } }) => {
      await remove(volumes, nameOf(request), flag(request.query, 'force'))
      sendEmpty(response, 204)
    },
  },
]
