import type { ServerResponse } from 'node:http'
import type { EventMessage } from '@slipway/client'
import { invalid, type SystemEvent } from '@slipway/core'
import { type ApiRequest, JsonStream } from '@slipway/http'
import { type Filters, labelsMatch, parseFilters, someMatch } from '../filters.ts'
import type { InProcessEventBus } from './event-bus.ts'

const known = [
  'config',
  'container',
  'daemon',
  'event',
  'image',
  'label',
  'network',
  'node',
  'plugin',
  'scope',
  'secret',
  'service',
  'type',
  'volume',
]

/** The wire form; the three old fields are for containers and images, as docker has them. */
export const eventMessage = ({ type, action, id, attributes, at }: SystemEvent): EventMessage => ({
  ...(type === 'container' || type === 'image' ? { status: action, id } : {}),
  ...(type === 'container' && attributes['image'] ? { from: attributes['image'] } : {}),
  Type: type,
  Action: action,
  Actor: { ID: id, Attributes: attributes },
  scope: 'local',
  time: Math.floor(at.getTime() / 1000),
  timeNano: at.getTime() * 1_000_000,
})

/** Unix seconds (with a fraction), RFC 3339, or a length of time before now; milliseconds. */
export const timeOf = (name: string, text: string | null): number | undefined => {
  if (!text) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const duration = /^(\d+)([smh])$/.exec(text)
  const unit = { s: 1e3, m: 60e3, h: 3600e3 }[duration?.[2] ?? '']
  const time = duration && unit ? Date.now() - Number(duration[1]) * unit : Date.parse(text)
  if (Number.isNaN(time)) throw invalid(`invalid value for "${name}": ${text.slice(0, 80)}`)
  return time
}

const actorMatches = (filters: Filters, event: SystemEvent, kind: SystemEvent['type']): boolean =>
  !filters.has(kind) ||
  (event.type === kind &&
    someMatch(filters, kind, (value) => event.id.startsWith(value) || event.attributes['name'] === value))

const matcher =
  (filters: Filters) =>
  (event: SystemEvent): boolean =>
    someMatch(filters, 'type', (value) => event.type === value) &&
    someMatch(filters, 'event', (value) => event.action === value || event.action.startsWith(`${value}:`)) &&
    (['container', 'image', 'network', 'volume', 'daemon'] as const).every((kind) =>
      actorMatches(filters, event, kind),
    ) &&
    labelsMatch(event.attributes, filters.get('label') ?? [])

/** `GET /events`: what has been, as far as it is kept, then what comes. */
export const sendEvents = async (
  bus: InProcessEventBus,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const matches = matcher(parseFilters(request.query.get('filters'), known))
  const since = timeOf('since', request.query.get('since'))
  const until = timeOf('until', request.query.get('until'))
  const ends = until === undefined ? [] : [AbortSignal.timeout(Math.max(0, until - Date.now()))]
  const signal = AbortSignal.any([request.signal, ...ends])
  const stream = new JsonStream(response, { separator: '\n' })
  stream.open()
  const live = until === undefined || until > Date.now() ? bus.subscribe(matches, signal) : []
  const past = since === undefined ? [] : bus.recent().filter((event) => event.at.getTime() >= since && matches(event))
  for (const event of past) {
    if (until === undefined || event.at.getTime() <= until) stream.write(eventMessage(event))
  }
  for await (const event of live) await stream.send(eventMessage(event), signal)
  stream.end()
}
