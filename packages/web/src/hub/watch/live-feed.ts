import type { FeedEvent } from '@slipway/client'
import { useEffect, useRef } from 'react'

const kinds: readonly FeedEvent['kind'][] = ['push', 'pull', 'delete']

interface Wanted {
  /** Missing: all that one may read. */
  readonly repository?: string
  /** The number that was seen last; undefined: not known yet, and nothing is watched. */
  readonly after: number | undefined
  readonly onEvent: (event: FeedEvent) => void
  /** Something can't be told any more: what is shown is to be asked for anew. */
  readonly onGap: () => void
}

/**
 * What happens, as it happens. A connection that is lost is opened again where it was. While nobody looks at the page it is
 * closed: a browser has six connections for all tabs of one address.
 */
export const useLiveFeed = ({ repository, after, onEvent, onGap }: Wanted): void => {
  const handlers = useRef({ onEvent, onGap })
  handlers.current = { onEvent, onGap }
  const last = useRef(after)
  useEffect(() => {
    if (after === undefined) return
    last.current = Math.max(last.current ?? 0, after)
    let source: EventSource | undefined
    const open = (): void => {
      const query = new URLSearchParams({ after: String(last.current), ...(repository ? { repository } : {}) })
      source = new EventSource(`/api/v1/feed/live?${query}`)
      for (const kind of kinds) {
        source.addEventListener(kind, ({ data }: MessageEvent<string>) => {
          const event = JSON.parse(data) as FeedEvent
          last.current = event.seq
          handlers.current.onEvent(event)
        })
      }
      source.addEventListener('gap', () => handlers.current.onGap())
    }
    const follow = (): void => {
      if (document.hidden) {
        source?.close()
        source = undefined
      } else if (source === undefined) open()
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      document.removeEventListener('visibilitychange', follow)
      source?.close()
    }
  }, [repository, after])
}
