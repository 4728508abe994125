import type { EventMessage } from '@slipway/client'
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { CallError, readLines } from '../calls/ask.ts'
import { askEngine } from './calls.ts'

/** What is kept for the page of events. */
const mostKept = 1000
const firstPause = 500
const longestPause = 10_000

/** What happens in the engine: one stream for all pages. A stream that breaks goes on where it was. */
export interface EventFeed {
  readonly events: readonly EventMessage[]
  /** The engine can't be reached. */
  readonly isAway: boolean
}

let feed: EventFeed = { events: [], isAway: false }
const watchers = new Set<() => void>()

const change = (next: Partial<EventFeed>): void => {
  feed = { ...feed, ...next }
  for (const watcher of watchers) watcher()
}

const keyOf = ({ timeNano, Action, Actor }: EventMessage): string => `${timeNano} ${Action} ${Actor.ID}`

const take = (queries: QueryClient, event: EventMessage): void => {
  // Asked again from the last one's second, an engine tells that second's events once more.
  if (feed.events.some((known) => known.time === event.time && keyOf(known) === keyOf(event))) return
  change({ events: [event, ...feed.events].slice(0, mostKept) })
  // What runs in a container, and what asks for it, changes nothing that a list shows.
  if (event.Action.startsWith('exec_')) return
  void queries.invalidateQueries({ queryKey: [event.Type] })
  if (event.Type === 'container') void queries.invalidateQueries({ queryKey: ['network'] })
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })

/** Follows the engine until `signal`; what an event is about is asked for again. */
export const followEvents = async (queries: QueryClient, signal: AbortSignal): Promise<void> => {
  let wait = firstPause
  let since = Math.floor(Date.now() / 1000)
  while (!signal.aborted) {
    try {
      const response = await askEngine('/events', { query: { since }, signal })
      if (feed.isAway) {
        change({ isAway: false })
        void queries.invalidateQueries()
      }
      wait = firstPause
      for await (const event of readLines<EventMessage>(response)) {
        since = event.time
        take(queries, event)
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof CallError && error.status === 401)
        return void queries.invalidateQueries({ queryKey: ['session'] })
    }
    if (signal.aborted) return
    change({ isAway: true })
    await pause(wait, signal)
    wait = Math.min(longestPause, wait * 2)
  }
}

const subscribe = (watcher: () => void): (() => void) => {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export const useEventFeed = (): EventFeed => useSyncExternalStore(subscribe, () => feed)
