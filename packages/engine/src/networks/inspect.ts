import type { NetworkContainer, NetworkInspect } from '@slipway/client'
import { conflict, SlipwayError } from '@slipway/core'
import type { ContainerRecord } from '../containers/records.ts'
import type { NetworkRecord } from './records.ts'

/** docker's order: full id, name, a prefix of one id only. */
export const findNetwork = (networks: readonly NetworkRecord[], idOrName: string): NetworkRecord => {
  const exact = networks.find(({ id }) => id === idOrName) ?? networks.find(({ name }) => name === idOrName)
  if (exact) return exact
  const matches = networks.filter(({ id }) => id.startsWith(idOrName))
  if (matches.length > 1)
    throw conflict(`network ${idOrName} is ambiguous (${matches.length} matches found on ID prefix)`)
  if (matches[0] === undefined) throw new SlipwayError('not-found', `network ${idOrName} not found`)
  return matches[0]
}

const containersOn = (
  network: NetworkRecord,
  containers: readonly ContainerRecord[],
): Readonly<Record<string, NetworkContainer>> =>
  Object.fromEntries(
    containers.flatMap(({ id, name, state }): readonly (readonly [string, NetworkContainer])[] => {
      if (state.pid === 0 || state.attachment?.network !== network.name) return []
      const { endpointId, endpoint } = state.attachment
      const entry = {
        Name: name,
        EndpointID: endpointId,
        MacAddress: endpoint.macAddress,
        IPv4Address: endpoint.addresses[0] ?? '',
        IPv6Address: '',
      }
      return [[id, entry]]
    }),
  )

export const inspectNetwork = (network: NetworkRecord, containers: readonly ContainerRecord[]): NetworkInspect => ({
  Name: network.name,
  Id: network.id,
  Created: network.createdAt,
  Scope: 'local',
  Driver: network.driver,
  EnableIPv4: true,
  EnableIPv6: false,
  IPAM: {
    Driver: 'default',
    Options: null,
    Config: network.subnets.map(({ cidr, gateway }) => ({ Subnet: cidr, Gateway: gateway })),
  },
  Internal: network.internal,
  Attachable: false,
  Ingress: false,
  ConfigFrom: { Network: '' },
  ConfigOnly: false,
  Containers: containersOn(network, containers),
  Options: network.options,
  Labels: {},
})
