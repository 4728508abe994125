import type { EngineClient } from '../connection/engine-client.ts'
import { encodeFilters } from '../connection/query.ts'
import type { VolumesPruneResponse } from '../wire/prune-response.ts'
import type { Volume, VolumeCreateBody, VolumeList } from '../wire/volume.ts'
import type { Filters } from './containers.ts'

const at = (name: string): string => `/volumes/${encodeURIComponent(name)}`

export const listVolumes = (client: EngineClient, filters?: Filters): Promise<VolumeList> =>
  client.json({ path: '/volumes', query: { filters: encodeFilters(filters) } })

export const inspectVolume = (client: EngineClient, name: string): Promise<Volume> => client.json({ path: at(name) })

export const createVolume = (client: EngineClient, body: VolumeCreateBody): Promise<Volume> =>
  client.json({ method: 'POST', path: '/volumes/create', json: body })

export const removeVolume = (
  client: EngineClient,
  name: string,
  { force = false }: { force?: boolean } = {},
): Promise<void> => client.send({ method: 'DELETE', path: at(name), query: { force } })

/** Removes the volumes that no container has: those without a name, with the filter `all` the others too. */
export const pruneVolumes = (client: EngineClient, filters?: Filters): Promise<VolumesPruneResponse> =>
  client.json({ method: 'POST', path: '/volumes/prune', query: { filters: encodeFilters(filters) } })
