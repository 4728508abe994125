import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FeedEvent, LiveFeedQuery } from '@slipway/client/hub'
import { SlipwayError } from '@slipway/core'
import { sendEmpty } from '@slipway/http'
import { type Caller, callerMay } from '../access/caller.ts'
import type { Asked } from '../api/route.ts'
import type { Registry } from '../registry.ts'
import { eventsAfter, firstNumber } from './events.ts'

const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }
const batch = 200
const mostWatchers = 1000
/** Proxies and we ourselves hang up on who is silent for long. */
const heartbeatMs = 20_000
/** Then the client comes again and says who it is: a session may be over, and an account disabled. */
const lifeMs = 120_000

/** Asked once a repository and batch: rights change while somebody watches. */
const readableOf = (registry: Registry, caller: Caller): ((name: string) => Promise<boolean>) => {
  const known = new Map<string, Promise<boolean>>()
  return (name) => {
    const answer = known.get(name) ?? callerMay(registry, caller, 'pull', name)
    known.set(name, answer)
    return answer
  }
}

const textOf = (event: FeedEvent): string =>
  `id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`

/** Where the client has been; undefined: it begins now. */
const positionOf = ({ raw, query }: Asked<{ readonly query: LiveFeedQuery }>): number | undefined => {
  const told = raw.headers['last-event-id']
  return typeof told === 'string' && /^\d{1,15}$/.test(told) ? Number(told) : query.after
}

/** Events as text, until the client goes, the registry stops, or it is time to come again. */
const follow = async function* (
  asked: Asked<{ readonly query: LiveFeedQuery }>,
  registry: Registry,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { sql } = registry.database
  const { repository } = asked.query
  let at = positionOf(asked)
  yield 'retry: 1000\n\n'
  for await (const last of registry.feed.watch(signal)) {
    at ??= last
    const first = (await firstNumber(sql)) ?? last + 1
    // What was forgotten meanwhile, or belongs to another database, can't be told any more: that it is so can.
    if (at > last || at < first - 1) {
      at = Math.min(last, first - 1)
      yield `id: ${at}\nevent: gap\ndata: {}\n\n`
    }
    while (at < last && !signal.aborted) {
      const events = await eventsAfter(sql, at, batch)
      const mayRead = readableOf(registry, asked.caller)
      let text = ''
      for (const event of events) {
        const isWanted = repository === undefined || event.repository === repository
        if (isWanted && (await mayRead(event.repository))) text += textOf(event)
      }
      at = events.at(-1)?.seq ?? last
      // Without data it is no event, and yet remembered: what one may not read isn't looked at twice.
      yield `${text}id: ${at}\n\n`
    }
  }
}

/** What happens from now on, or since what was seen last: a connection that was lost has missed nothing. */
export const getLive = async (
  asked: Asked<{ readonly query: LiveFeedQuery }>,
  registry: Registry,
  response: ServerResponse,
): Promise<void> => {
  if (asked.raw.method === 'HEAD') return sendEmpty(response, 200, headers)
  if (registry.feed.watchers >= mostWatchers) {
    throw new SlipwayError('unavailable', 'too many watch the feed', { detail: { retryAfterSeconds: 30 } })
  }
  response.writeHead(200, headers)
  response.flushHeaders()
  const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(lifeMs)])
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs)
  try {
    for await (const text of follow(asked, registry, signal)) {
      if (!response.write(text)) await once(response, 'drain', { signal }).catch(() => undefined)
    }
  } finally {
    clearInterval(heartbeat)
    response.end()
  }
}
