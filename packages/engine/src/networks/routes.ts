import { invalid } from '@slipway/core'
import { type ApiRequest, type Route, readJson, sendEmpty, sendJson } from '@slipway/http'
import type { ContainerRoom } from '../containers/room.ts'
import { parseFilters } from '../filters.ts'
import { connectBody, disconnectBody, networkCreateBody } from './body.ts'
import { connectContainer, disconnectContainer } from './connect.ts'
import { createNetwork } from './create.ts'
import { findNetwork, inspectNetwork } from './inspect.ts'
import { filterNetworks, networkFilters } from './list.ts'
import type { NetworkRecord } from './records.ts'
import { pruneNetworks, removeNetwork } from './remove.ts'

export interface NetworkRouteDeps {
  readonly containers: ContainerRoom
}

const idOf = ({ params }: ApiRequest): string => params['id'] ?? ''

/** All of this engine's are local. */
const inScope = (networks: readonly NetworkRecord[], scope: string | null): readonly NetworkRecord[] =>
  !scope || scope === 'local' ? networks : []

export const networkRoutes: readonly Route<NetworkRouteDeps>[] = [
  {
    method: 'GET',
    path: '/networks',
    handle: async ({ query }, response, { containers: { networks } }) => {
      const filters = parseFilters(query.get('filters'), networkFilters)
      const found = filterNetworks(networks.all(), filters, (network) => networks.membersOf(network).length > 0)
      sendJson(
        response,
        200,
        found.map((network) => inspectNetwork(network, [])),
      )
    },
  },
  {
    method: 'GET',
    path: '/networks/{id}',
    async handle(request, response, { containers: { networks, records } }) {
      const { query } = request
      const verbose = query.get('verbose') ?? ''
      if (!/^(|1|0|t|f|true|false)$/i.test(verbose)) {
        const shown = verbose.slice(0, 80)
        const cause = `strconv.ParseBool: parsing ${JSON.stringify(shown)}: invalid syntax`
        throw invalid(`invalid value for verbose: ${shown}: ${cause}`)
      }
      const network = findNetwork(inScope(networks.all(), query.get('scope')), idOf(request))
      sendJson(response, 200, inspectNetwork(network, records.all()))
    },
  },
  {
    method: 'DELETE',
    path: '/networks/{id}',
    handle: async (request, response, { containers }) => {
      await removeNetwork(containers, idOf(request))
      sendEmpty(response, 204)
    },
  },
  {
    method: 'POST',
    path: '/networks/create',
    handle: async (request, response, { containers }) =>
      sendJson(response, 201, await createNetwork(containers, await readJson(request, networkCreateBody))),
  },
  {
    method: 'POST',
    path: '/networks/{id}/connect',
    handle: async (request, response, { containers }) => {
      await connectContainer(containers, idOf(request), (await readJson(request, connectBody)) ?? {})
      sendEmpty(response, 200)
    },
  },
  {
    method: 'POST',
    path: '/networks/{id}/disconnect',
    handle: async (request, response, { containers }) => {
      await disconnectContainer(containers, idOf(request), (await readJson(request, disconnectBody)) ?? {})
      sendEmpty(response, 200)
    },
  },
  {
    method: 'POST',
    path: '/networks/prune',
    handle: async ({ query }, response, { containers }) => {
      const removed = await pruneNetworks(containers, parseFilters(query.get('filters'), ['label', 'label!', 'until']))
      sendJson(response, 200, { NetworksDeleted: removed.length > 0 ? removed : null })
    },
  },
]
