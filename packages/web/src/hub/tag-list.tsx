import type { RepositoryPage, TagRow } from '@slipway/client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { shortId } from '../format/short-id.ts'
import { sizeText } from '../format/size.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { LongTable, type RowMark } from '../parts/long-list.tsx'
import { Problem } from '../parts/problem.tsx'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'
import { historyQuery, tagsQuery, verbs } from './queries.ts'
import { Link } from './ways.tsx'

interface HistoryProps {
  readonly page: RepositoryPage
  readonly tag: string
  readonly onClose: () => void
}

/** What a tag has named; one click points it there again. */
const History = ({ page, tag, onClose }: HistoryProps) => {
  const { hub: words } = useWords()
  const { data, error, refetch } = useQuery(historyQuery(page.name, tag))
  const [refusal, setRefusal] = useState<unknown>()
  const rollBack = async (digest: string): Promise<void> => {
    await verbs.rollBack(page.name, tag, digest).then(() => refetch(), setRefusal)
  }
  return (
    <Dialog title={words.historyTitle(tag)} isOpen onClose={onClose}>
      <Problem error={error ?? refusal} />
      <ol className="history">
        {data?.history.map(({ digest, movedAt, movedBy, available }, index) => (
          <li key={movedAt} className="row">
            <code>{digest === null ? words.removed : shortId(digest)}</code>
            <span className="quiet">
              <Since moment={movedAt} /> {movedBy}
            </span>
            <span className="space" />
            {page.mayPush && digest !== null && available && (index > 0 || data.history[0]?.digest === null) ? (
              <button type="button" className="button small" onClick={() => void rollBack(digest)}>
                {words.rollBack}
              </button>
            ) : null}
          </li>
        ))}
      </ol>
    </Dialog>
  )
}

interface RowProps {
  readonly page: RepositoryPage
  readonly tag: TagRow
  readonly mark: RowMark
  readonly onHistory: () => void
  readonly onRemove: () => void
}

/** So many are named; of the rest only how many they are. */
const platformsShown = 3

const Row = ({
  page,
  tag: { name, digest, size, platforms, isImmutable, movedAt, movedBy },
  mark,
  onHistory,
  onRemove,
}: RowProps) => {
  const { hub: words, project } = useWords()
  return (
    <tr {...mark}>
      <td>
        <Link to={`/repositories/${page.name}/-/images/${digest}`}>{name}</Link>{' '}
        {isImmutable ? <span className="badge good">{project.immutable}</span> : null}
      </td>
      <td className="mono">{shortId(digest)}</td>
      <td title={platforms.join(', ')}>
        {platforms.slice(0, platformsShown).join(', ')}
        {platforms.length > platformsShown ? ` +${platforms.length - platformsShown}` : ''}
      </td>
      <td className="number">{sizeText(size)}</td>
      <td className="quiet">
        <Since moment={movedAt} />
      </td>
      <td>{movedBy}</td>
      <td className="number">
        <button type="button" className="button small" onClick={onHistory}>
          {words.history}
        </button>{' '}
        {page.mayDelete && !isImmutable ? (
          <button type="button" className="button small" onClick={onRemove}>
            {words.remove}
          </button>
        ) : null}
      </td>
    </tr>
  )
}

export const TagList = ({ page }: { readonly page: RepositoryPage }) => {
  const { hub: words } = useWords()
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(tagsQuery(page.name))
  const [shown, setShown] = useState<string>()
  const [removing, setRemoving] = useState<string>()
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [isFetchingNextPage, fetchNextPage])
  const tags = data?.pages.flatMap(({ tags }) => tags) ?? []
  return (
    <>
      <Problem error={error} />
      <LongTable
        columns={[
          { name: words.tag },
          { name: words.digest },
          { name: words.platforms },
          { name: words.size, isNumber: true },
          { name: words.pushed },
          { name: words.by },
          { name: words.history, isHidden: true },
        ]}
        rows={tags}
        keyOf={({ name }) => name}
        height={45}
        hasMore={hasNextPage}
        onMore={more}
      >
        {(tag, mark) => (
          <Row
            key={tag.name}
            page={page}
            tag={tag}
            mark={mark}
            onHistory={() => setShown(tag.name)}
            onRemove={() => setRemoving(tag.name)}
          />
        )}
      </LongTable>
      {shown === undefined ? null : <History page={page} tag={shown} onClose={() => setShown(undefined)} />}
      <Confirm
        title={words.removeTitle(removing ?? '')}
        about={words.removeAbout}
        action={words.remove}
        isOpen={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        onConfirm={() => verbs.removeTag(page.name, removing ?? '')}
      />
    </>
  )
}
