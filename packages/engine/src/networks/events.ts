import type { ContainerRecord } from '../containers/records.ts'
import type { ContainerRoom } from '../containers/room.ts'
import type { NetworkRecord } from './records.ts'

/** Tells the world, in docker's attributes; `container` for who was connected or disconnected. */
export const publishNetworkEvent = (
  room: Pick<ContainerRoom, 'events'>,
  network: NetworkRecord,
  action: 'create' | 'destroy' | 'connect' | 'disconnect',
  container?: string,
): void => {
  const attributes = { name: network.name, type: network.driver, ...(container ? { container } : {}) }
  room.events.publish({ type: 'network', action, id: network.id, attributes, at: new Date() })
}

/** Tells that a run begins on its networks, or that it has left them. */
export const publishNetworks = (
  room: Pick<ContainerRoom, 'events' | 'networks'>,
  { id, definition }: Pick<ContainerRecord, 'id' | 'definition'>,
  action: 'connect' | 'disconnect',
): void => {
  for (const name of Object.keys(definition.endpoints)) {
    const network = room.networks.byName(name)
    if (network !== undefined) publishNetworkEvent(room, network, action, id)
  }
}
