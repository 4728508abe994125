import type { FeedEvent } from '@slipway/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { shortId } from '../../format/short-id.ts'
import { Empty } from '../../parts/empty.tsx'
import { LongTable, type RowMark } from '../../parts/long-list.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Since } from '../../parts/since.tsx'
import { useWords } from '../../words/words.tsx'
import { Link } from '../ways.tsx'
import { useLiveFeed } from './live-feed.ts'
import { feedQuery } from './queries.ts'

const tones: Readonly<Record<FeedEvent['kind'], string>> = { push: 'badge good', pull: 'badge', delete: 'badge warn' }

const Row = ({ event, mark }: { readonly event: FeedEvent; readonly mark: RowMark }) => {
  const { watch: words } = useWords()
  const { at, kind, repository, reference, digest, account, times } = event
  return (
    <tr {...mark}>
      <td className="quiet">
        <Since moment={at} />
      </td>
      <td>
        <span className={tones[kind]}>{words[kind]}</span> {times > 1 ? words.times(times) : ''}
      </td>
      <td>
        <Link to={`/repositories/${repository}`}>{repository}</Link>
      </td>
      <td className="mono">{reference === digest ? '–' : reference.includes(':') ? shortId(reference) : reference}</td>
      <td className="mono some-room">
        {digest === null ? '' : <Link to={`/repositories/${repository}/-/images/${digest}`}>{shortId(digest)}</Link>}
      </td>
      <td className="some-room">{account}</td>
    </tr>
  )
}

/** What happens in the registry, as it happens. */
export const FeedPage = () => {
  const { watch: words } = useWords()
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery(feedQuery)
  const [came, setCame] = useState<readonly FeedEvent[]>([])
  const after = data?.pages[0]?.last
  useLiveFeed({
    after,
    onEvent: (event) => setCame((before) => [event, ...before]),
    onGap: () => void refetch(),
  })
  const older = data?.pages.flatMap(({ events }) => events) ?? []
  const newest = older[0]?.seq ?? 0
  const events = [...came.filter(({ seq }) => seq > newest), ...older]
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [isFetchingNextPage, fetchNextPage])
  return (
    <>
      <PageHead title={words.feed} about={words.feedAbout} />
      <Problem error={error} />
      {data !== undefined && events.length === 0 ? (
        <Empty
          title={words.nothing}
          about={words.nothingAbout}
          command={`docker pull ${location.host}/team/web:v1\ndocker push ${location.host}/team/web:v1`}
        />
      ) : (
        <LongTable
          columns={[
            { name: words.when },
            { name: words.what },
            { name: words.repository },
            { name: words.reference },
            { name: words.digest, room: 'some-room' },
            { name: words.by, room: 'some-room' },
          ]}
          rows={events}
          keyOf={({ seq }) => seq}
          height={41}
          hasMore={hasNextPage}
          onMore={more}
        >
          {(event, mark) => <Row key={event.seq} event={event} mark={mark} />}
        </LongTable>
      )}
    </>
  )
}
