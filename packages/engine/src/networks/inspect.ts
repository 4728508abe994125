import type { NetworkContainer, NetworkInspect } from '@slipway/client'
import { conflict, SlipwayError } from '@slipway/core'
import type { ContainerRecord } from '../containers/records.ts'
import { isPredefined, type NetworkRecord } from './records.ts'

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
      const attachment = state.attachments.find(({ endpoint }) => endpoint.networkId === network.id)
      if (state.pid === 0 || attachment === undefined) return []
      const { endpointId, endpoint } = attachment
      const entry = {
        Name: name,
        EndpointID: endpointId,
        MacAddress: endpoint.macAddress,
        IPv4Address: endpoint.addresses.find((address) => !address.includes(':')) ?? '',
        IPv6Address: endpoint.addresses.find((address) => address.includes(':')) ?? '',
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
  EnableIPv4: network.subnets.length === 0 || network.subnets.some(({ cidr }) => !cidr.includes(':')),
  EnableIPv6: network.subnets.some(({ cidr }) => cidr.includes(':')),
  IPAM: {
    Driver: 'default',
    Options: isPredefined(network.name) ? null : {},
    Config: network.subnets.map(({ cidr, gateway, range, auxiliary }) => ({
      Subnet: cidr,
      ...(range ? { IPRange: range } : {}),
      Gateway: gateway,
      ...(auxiliary ? { AuxiliaryAddresses: auxiliary } : {}),
    })),
  },
  Internal: network.internal,
  Attachable: network.attachable,
  Ingress: false,
  ConfigFrom: { Network: '' },
  ConfigOnly: false,
  Containers: containersOn(network, containers),
  Options: network.options,
  Labels: network.labels,
})
