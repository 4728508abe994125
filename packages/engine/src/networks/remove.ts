import { hasCode, SlipwayError } from '@slipway/core'
import type { ContainerRoom } from '../containers/room.ts'
import { type Filters, labelsMatch } from '../filters.ts'
import { untilFilter } from '../moment.ts'
import { publishPruned } from '../system/pruned.ts'
import { publishNetworkEvent } from './events.ts'
import { findNetwork } from './inspect.ts'
import { isPredefined, type NetworkRecord } from './records.ts'

const removeOne = async (room: ContainerRoom, network: NetworkRecord): Promise<void> => {
  await room.networks.remove(network, (id) => room.records.get(id)?.name ?? id)
  publishNetworkEvent(room, network, 'destroy')
}

/** `DELETE /networks/{id}`. Throws forbidden for one that is in use, and for the three that are always there. */
export const removeNetwork = async (room: ContainerRoom, idOrName: string): Promise<void> => {
  const network = findNetwork(room.networks.all(), idOrName)
  if (isPredefined(network.name)) {
    throw new SlipwayError('forbidden', `${network.name} is a pre-defined network and cannot be removed`)
  }
  await removeOne(room, network)
}

/** Removes the networks that no container is on. Gives their names. */
export const pruneNetworks = async (room: ContainerRoom, filters: Filters): Promise<readonly string[]> => {
  const until = untilFilter(filters.get('until'))
  const removed: string[] = []
  for (const network of room.networks.all()) {
    if (isPredefined(network.name) || room.networks.membersOf(network).length > 0) continue
    if (until !== undefined && Date.parse(network.createdAt) > until) continue
    if (!labelsMatch(network.labels, filters.get('label') ?? [])) continue
    if (filters.get('label!')?.some((text) => labelsMatch(network.labels, [text]))) continue
    try {
      await removeOne(room, network)
      removed.push(network.name)
    } catch (error) {
      // Someone joined it meanwhile.
      if (!hasCode(error, 'forbidden')) throw error
    }
  }
  publishPruned(room.events, 'network', 0)
  return removed
}
