import { Type } from '@sinclair/typebox'
import { about, count, digest, moment, nullable, type Of } from './schema.ts'

/** Something that happened in a repository; the data of an event of the live feed, whose id is its `seq`. */
export const FeedEvent = Type.Object({
  seq: about('Rises; none that is smaller comes after it', count),
  at: moment,
  kind: Type.Union([Type.Literal('push'), Type.Literal('pull'), Type.Literal('delete')]),
  repository: Type.String(),
  reference: about('A tag; of a pull also a digest', Type.String()),
  digest: about('null: the tag was taken away', nullable(digest)),
  account: about("Who pushed or deleted; who pulled isn't told", nullable(Type.String())),
  times: about('Pulls of one thing in one moment are one event', count),
})
export type FeedEvent = Of<typeof FeedEvent>

/** The newest first. */
export const FeedPage = Type.Object({
  events: Type.Array(FeedEvent),
  next: about('`before` of the page that follows; null: there is none', nullable(count)),
  last: about('Where the live feed goes on', count),
})
export type FeedPage = Of<typeof FeedPage>

export const FeedQuery = Type.Object({
  repository: Type.Optional(Type.String({ description: 'only what happens in it' })),
  before: Type.Optional(Type.Integer({ minimum: 0, description: '`next` of the page before' })),
})
export type FeedQuery = Of<typeof FeedQuery>

export const LiveFeedQuery = Type.Object({
  repository: Type.Optional(Type.String({ description: 'only what happens in it' })),
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'the `seq` that was seen last, where no Last-Event-ID says it; missing: now',
    }),
  ),
})
export type LiveFeedQuery = Of<typeof LiveFeedQuery>
