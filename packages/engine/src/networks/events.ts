import type { ContainerRoom } from '../containers/room.ts'
import type { NetworkRecord } from './records.ts'

/** Tells the world, in docker's attributes; `container` for who was connected or disconnected. */
export const publishNetworkEvent = (
  room: Pick<ContainerRoom, 'events'>,
  network: NetworkRecord,
  action: 'create' | 'destroy' | 'connect' | 'disconnect' | 'prune',
  container?: string,
): void => {
  const attributes = { name: network.name, type: network.driver, ...(container ? { container } : {}) }
  room.events.publish({ type: 'network', action, id: network.id, attributes, at: new Date() })
}
