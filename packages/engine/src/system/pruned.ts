import type { EventBus, SystemEvent } from '@slipway/core'

/** Tells that what nobody uses is gone, and how many bytes that was. */
export const publishPruned = (events: EventBus, type: SystemEvent['type'], reclaimed: number): void =>
  events.publish({ type, action: 'prune', id: '', attributes: { reclaimed: String(reclaimed) }, at: new Date() })
