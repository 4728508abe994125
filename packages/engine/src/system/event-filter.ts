import type { SystemEvent } from '@slipway/core'
import { type Filters, labelsMatch, someMatch } from '../filters.ts'

/**
 * Whose events are asked for. docker holds the value against every event's actor, whatever it is: a network of this name, too.
 */
const actors = ['container', 'network', 'volume', 'daemon', 'node', 'plugin', 'service', 'secret', 'config'] as const

const isActor = ({ id, attributes }: SystemEvent, value: string): boolean =>
  id.startsWith(value) || (attributes['name'] ?? '').startsWith(value)

/** An image's own events, and those of containers that were made of it; with its tag, or without. */
const isOfImage = ({ type, id, attributes }: SystemEvent, value: string): boolean => {
  const name = attributes[type === 'image' ? 'name' : 'image'] ?? ''
  return [id, name].some((one) => one === value || one.replace(/:[^:/]*$/, '') === value)
}

/** Which events a client's filters let through, by docker's rules. A filter that isn't known lets all through. */
export const eventMatcher =
  (filters: Filters) =>
  (event: SystemEvent): boolean =>
    someMatch(filters, 'type', (value) => event.type === value) &&
    someMatch(filters, 'event', (value) => event.action === value || event.action.startsWith(`${value}:`)) &&
    someMatch(filters, 'scope', (value) => value === 'local') &&
    actors.every((kind) => someMatch(filters, kind, (value) => isActor(event, value))) &&
    someMatch(filters, 'image', (value) => isOfImage(event, value)) &&
    labelsMatch(event.attributes, filters.get('label') ?? [])
