import type { EventBus } from '@slipway/core'

/** Tells the world, in docker's attributes. */
export const publishVolumeEvent = (
  events: EventBus,
  name: string,
  action: 'create' | 'destroy' | 'mount' | 'unmount',
  attributes: Readonly<Record<string, string>>,
): void => events.publish({ type: 'volume', action, id: name, attributes, at: new Date() })
