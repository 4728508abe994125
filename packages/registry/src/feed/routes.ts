import { FeedPage, FeedQuery, LiveFeedQuery } from '@slipway/client/hub'
import { readableBy } from '../access/readable.ts'
import { type ApiRoute, type Asked, route } from '../api/route.ts'
import { anyone } from '../api/who.ts'
import type { Registry } from '../registry.ts'
import { listFeed } from './events.ts'
import { getLive } from './live.ts'

const pageSize = 50

const list = async (
  { caller, query: { repository = '', before } }: Asked<{ readonly query: FeedQuery }>,
  registry: Registry,
): Promise<FeedPage> => {
  const last = await registry.feed.catchUp()
  const readable = await readableBy(registry, caller)
  const page = { repository, before: before ?? last + 1, limit: pageSize + 1, readable }
  const found = await listFeed(registry.database.sql, page)
  const events = found.slice(0, pageSize)
  return { events, next: found.length > pageSize ? (events.at(-1)?.seq ?? null) : null, last }
}

export const feedRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/feed', {
    id: 'listFeed',
    summary: 'Pushes, pulls and deletes in repositories that the caller may read, the newest first',
    who: anyone,
    query: FeedQuery,
    answer: FeedPage,
    handle: list,
  }),
  route('GET', '/api/v1/feed/live', {
    id: 'watchFeed',
    summary: 'The same as they happen, as server-sent events; a Last-Event-ID goes on where a connection was lost',
    who: anyone,
    query: LiveFeedQuery,
    media: ['text/event-stream'],
    handle: getLive,
  }),
]
