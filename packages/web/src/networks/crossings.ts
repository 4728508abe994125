import type { ContainerSummary, NetworkInspect } from '@slipway/client'
import { plainName } from '../format/short-id.ts'

/** A container on a network, at an address. */
export interface Crossing {
  readonly network: string
  readonly address: string
}

export interface Column {
  readonly id: string
  readonly name: string
  readonly crossings: readonly Crossing[]
}

/** Who is drawn: running containers that have an address somewhere, by name. */
export const columnsOf = (containers: readonly ContainerSummary[]): readonly Column[] =>
  containers
    .filter(({ State }) => State === 'running' || State === 'paused')
    .map(({ Id, Names, NetworkSettings }) => ({
      id: Id,
      name: plainName(Names[0]),
      crossings: Object.entries(NetworkSettings.Networks)
        .filter(([, { IPAddress, GlobalIPv6Address }]) => IPAddress || GlobalIPv6Address)
        .map(([network, { IPAddress, GlobalIPv6Address }]) => ({
          network,
          address: IPAddress || GlobalIPv6Address || '',
        })),
    }))
    .filter(({ crossings }) => crossings.length > 0)
    .toSorted((one, other) => one.name.localeCompare(other.name))

/** The networks that somebody is on, in the order of the list. */
export const railsOf = (networks: readonly NetworkInspect[], columns: readonly Column[]): readonly string[] => {
  const used = new Set(columns.flatMap(({ crossings }) => crossings.map(({ network }) => network)))
  return networks.map(({ Name }) => Name).filter((name) => used.has(name))
}

export const subnetsOf = ({ IPAM }: NetworkInspect): string =>
  (IPAM.Config ?? []).flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet])).join(', ')
