import { setTimeout as delay } from 'node:timers/promises'
import type { FeedEvent, FeedPage, FeedQuery, LiveFeedQuery } from '../wire/hub/index.ts'
import type { HubClient } from './hub-client.ts'

/** Pushes, pulls and deletes, the newest first, page by page as they are wanted. */
export const listFeed = async function* (
  hub: HubClient,
  query: Pick<FeedQuery, 'repository'> = {},
): AsyncGenerator<FeedEvent> {
  for (let before: number | null | undefined; before !== null; ) {
    const page: FeedPage = await hub.json<FeedPage>({
      path: '/feed',
      query: { ...query, ...(before ? { before } : {}) },
    })
    yield* page.events
    before = page.next
  }
}

interface Told {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Server-sent events (HTML Living Standard, "Server-sent events"), as much of them as the hub sends. */
const readEvents = async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Told> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of bytes) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
      )
      yield { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: fields.get('data') ?? '' }
    }
  }
}

/** Before a lost connection is tried again, in milliseconds. */
const patience = 1000

/**
 * What happens from now on, or after `after`. A connection that ends or breaks is opened again where it was, so that
 * nothing is missed; ends with the signal. A first connection that fails is thrown.
 */
export const watchFeed = async function* (
  hub: HubClient,
  { signal, ...query }: LiveFeedQuery & { readonly signal?: AbortSignal } = {},
): AsyncGenerator<FeedEvent> {
  let last = ''
  for (let isFirst = true; !signal?.aborted; isFirst = false) {
    try {
      const headers = { accept: 'text/event-stream', ...(last === '' ? {} : { 'last-event-id': last }) }
      const response = await hub.request({ path: '/feed/live', query, headers, signal })
      for await (const { id, event, data } of readEvents(response)) {
        if (id !== '') last = id
        if (data !== '' && event !== 'gap') yield JSON.parse(data) as FeedEvent
      }
    } catch (error) {
      if (signal?.aborted) return
      if (isFirst) throw error
    }
    await delay(patience, undefined, signal ? { signal } : {}).catch(() => undefined)
  }
}
