import type { ServerResponse } from 'node:http'
import type { EventMessage } from '@slipway/client'
import { invalid, type SystemEvent } from '@slipway/core'
import { type ApiRequest, JsonStream } from '@slipway/http'
import { parseFilters } from '../filters.ts'
import { askedMoment } from '../moment.ts'
import type { InProcessEventBus } from './event-bus.ts'
import { eventMatcher } from './event-filter.ts'

/** The wire form; the three old fields are for containers and images, as docker has them. */
const eventMessage = ({ type, action, id, attributes, at }: SystemEvent): EventMessage => ({
  ...(type === 'container' || type === 'image' ? { status: action, id } : {}),
  ...(type === 'container' && attributes['image'] ? { from: attributes['image'] } : {}),
  Type: type,
  Action: action,
  Actor: { ID: id, Attributes: attributes },
  scope: 'local',
  time: Math.floor(at.getTime() / 1000),
  timeNano: at.getTime() * 1_000_000,
})

/** `GET /events`: what has been, as far as it is kept, then what comes. */
export const sendEvents = async (
  bus: InProcessEventBus,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  // docker passes over filters that it doesn't know here.
  const matches = eventMatcher(parseFilters(request.query.get('filters'), undefined))
  const since = askedMoment(request.query.get('since'))
  const until = askedMoment(request.query.get('until'))
  if (since !== undefined && until !== undefined && since > until) {
    const [from, to] = [request.query.get('since'), request.query.get('until')]
    throw invalid(`\`since\` time (${from?.slice(0, 80)}) cannot be after \`until\` time (${to?.slice(0, 80)})`)
  }
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
