import { SlipwayError } from '@slipway/core'
import { type Route, sendJson } from '@slipway/http'
import type { ContainerRecords } from '../containers/records.ts'
import { parseFilters } from '../filters.ts'
import { findNetwork, inspectNetwork } from './inspect.ts'
import type { Networks } from './networks.ts'

export interface NetworkRouteDeps {
  readonly networks: Networks
  readonly containers: { readonly records: ContainerRecords }
}

const notYet = (): SlipwayError =>
  new SlipwayError('unsupported', 'networks of your own are not supported by this engine yet: use bridge, host or none')

export const networkRoutes: readonly Route<NetworkRouteDeps>[] = [
  {
    method: 'GET',
    path: '/networks',
    handle: async ({ query }, response, { networks }) => {
      const filters = parseFilters(query.get('filters'), ['name', 'id', 'driver', 'type', 'scope', 'label', 'dangling'])
      const isCustom = filters.get('type')?.includes('custom') ?? false
      const found = networks
        .all()
        .filter(({ name }) => filters.get('name')?.some((part) => name.includes(part)) ?? true)
        .filter(({ id }) => filters.get('id')?.some((part) => id.includes(part)) ?? true)
        .filter(({ driver }) => filters.get('driver')?.includes(driver) ?? true)
        .filter(() => !isCustom && !filters.has('label'))
      sendJson(
        response,
        200,
        found.map((network) => ({ ...inspectNetwork(network, []), Containers: {} })),
      )
    },
  },
  {
    method: 'GET',
    path: '/networks/{id}',
    handle: async ({ params }, response, { networks, containers }) => {
      const network = findNetwork(networks.all(), params['id'] ?? '')
      sendJson(response, 200, inspectNetwork(network, containers.records.all()))
    },
  },
  {
    method: 'DELETE',
    path: '/networks/{id}',
    handle: async ({ params }, _response, { networks }) => {
      const { name } = findNetwork(networks.all(), params['id'] ?? '')
      throw new SlipwayError('forbidden', `${name} is a pre-defined network and cannot be removed`)
    },
  },
  {
    method: 'POST',
    path: '/networks/create',
    handle: async () => {
      throw notYet()
    },
  },
  {
    method: 'POST',
    path: '/networks/prune',
    handle: async (_request, response) => sendJson(response, 200, { NetworksDeleted: null }),
  },
]
