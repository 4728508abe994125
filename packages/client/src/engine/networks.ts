import type { EngineClient } from '../connection/engine-client.ts'
import { encodeFilters } from '../connection/query.ts'
import type { EndpointSettings } from '../wire/endpoint-settings.ts'
import type { NetworkCreateBody, NetworkCreateResponse, NetworkInspect } from '../wire/network.ts'
import type { NetworksPruneResponse } from '../wire/prune-response.ts'
import type { Filters } from './containers.ts'

const at = (id: string, verb = ''): string => `/networks/${encodeURIComponent(id)}${verb}`

export const listNetworks = (client: EngineClient, filters?: Filters): Promise<readonly NetworkInspect[]> =>
  client.json({ path: '/networks', query: { filters: encodeFilters(filters) } })

export const inspectNetwork = (
  client: EngineClient,
  id: string,
  { verbose = false }: { verbose?: boolean } = {},
): Promise<NetworkInspect> => client.json({ path: at(id), query: { verbose } })

export const createNetwork = (client: EngineClient, body: NetworkCreateBody): Promise<NetworkCreateResponse> =>
  client.json({ method: 'POST', path: '/networks/create', json: body })

export const removeNetwork = (client: EngineClient, id: string): Promise<void> =>
  client.send({ method: 'DELETE', path: at(id) })

/** Removes the networks that no container is on. */
export const pruneNetworks = (client: EngineClient, filters?: Filters): Promise<NetworksPruneResponse> =>
  client.json({ method: 'POST', path: '/networks/prune', query: { filters: encodeFilters(filters) } })

export const connectNetwork = (
  client: EngineClient,
  id: string,
  body: { readonly Container: string; readonly EndpointConfig?: EndpointSettings },
): Promise<void> => client.send({ method: 'POST', path: at(id, '/connect'), json: body })

export const disconnectNetwork = (
  client: EngineClient,
  id: string,
  body: { readonly Container: string; readonly Force?: boolean },
): Promise<void> => client.send({ method: 'POST', path: at(id, '/disconnect'), json: body })
