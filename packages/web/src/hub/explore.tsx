import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { Empty } from '../parts/empty.tsx'
import { LongList } from '../parts/long-list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { useWords } from '../words/words.tsx'
import { RepositoryCardItem } from './card.tsx'
import { exploreQuery } from './queries.ts'
import { useGo } from './ways.tsx'

/** The search is in the address: it can be sent to somebody. */
const useSearchText = (): readonly [string, (text: string) => void] => {
  const [text, setText] = useState(() => new URLSearchParams(location.search).get('q') ?? '')
  const go = useGo()
  const change = (wanted: string): void => {
    setText(wanted)
    void go({ to: '/', search: wanted === '' ? {} : { q: wanted }, replace: true })
  }
  return [text, change]
}

export const ExplorePage = () => {
  const words = useWords()
  const [text, setText] = useSearchText()
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, isSuccess } = useInfiniteQuery({
    ...exploreQuery(text),
    placeholderData: keepPreviousData,
  })
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [isFetchingNextPage, fetchNextPage])
  const found = data?.pages.flatMap(({ repositories }) => repositories) ?? []
  return (
    <>
      <PageHead title={words.hub.explore} />
      <SearchField label={words.hub.search} value={text} onChange={setText} />
      <Problem error={error} />
      {isSuccess && found.length === 0 && text === '' ? (
        <Empty
          title={words.hub.none}
          about={words.hub.noneAbout}
          command={`docker login ${location.host}\ndocker tag web ${location.host}/team/web:v1\ndocker push ${location.host}/team/web:v1`}
        />
      ) : null}
      {isSuccess && found.length === 0 && text !== '' ? <p className="quiet">{words.hub.noneMatch}</p> : null}
      <LongList
        className="cards long"
        gap={12}
        rows={found}
        keyOf={({ name }) => name}
        height={110}
        hasMore={hasNextPage}
        onMore={more}
      >
        {(repository, mark) => <RepositoryCardItem key={repository.name} repository={repository} mark={mark} />}
      </LongList>
    </>
  )
}
