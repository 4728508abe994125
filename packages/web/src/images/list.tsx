import type { ImageSummary } from '@slipway/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { containersQuery, imagesQuery } from '../engine/queries.ts'
import { shortId } from '../format/short-id.ts'
import { sizeText } from '../format/size.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Empty } from '../parts/empty.tsx'
import { LongTable, type RowMark } from '../parts/long-list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'
import { PullDialog } from './pull-dialog.tsx'
import { removeImage } from './remove.ts'

const fits = ({ Id, RepoTags }: ImageSummary, text: string): boolean =>
  [Id, ...(RepoTags ?? [])].some((word) => word.toLowerCase().includes(text.trim().toLowerCase()))

interface RowProps {
  readonly image: ImageSummary
  /** Containers that stand on it. */
  readonly users: number
  readonly mark: RowMark
  readonly onRemove: () => void
}

const Row = ({ image: { Id, RepoTags, Created, Size }, users, mark, onRemove }: RowProps) => {
  const { images: words } = useWords()
  const tags = RepoTags ?? []
  return (
    <tr {...mark}>
      <td>
        <Link to="/images/$id" params={{ id: Id }}>
          <span className="chips mono">
            {tags.length === 0 ? words.untagged : tags.map((tag) => <span key={tag}>{tag}</span>)}
          </span>
        </Link>
      </td>
      <td className="mono some-room">{shortId(Id)}</td>
      <td className="number">{sizeText(Size)}</td>
      <td className="some-room">{users === 0 ? '–' : words.containers(users)}</td>
      <td className="quiet some-room">
        <Since moment={Created * 1000} />
      </td>
      <td className="number">
        <button type="button" className="button small" onClick={onRemove}>
          {words.remove}
        </button>
      </td>
    </tr>
  )
}

export const ImagesPage = () => {
  const { images: words } = useWords()
  const { data = [], isSuccess, error } = useQuery(imagesQuery)
  const containers = useQuery(containersQuery).data ?? []
  const [text, setText] = useState('')
  const [isPulling, setPulling] = useState(false)
  const [removing, setRemoving] = useState<ImageSummary>()
  const shown = data.filter((image) => fits(image, text))
  const total = data.reduce((sum, { Size }) => sum + Size, 0)
  return (
    <>
      <PageHead title={words.title} about={words.count(data.length, sizeText(total))}>
        <button type="button" className="button main-action" onClick={() => setPulling(true)}>
          {words.pull}
        </button>
      </PageHead>
      <SearchField label={words.filter} value={text} onChange={setText} />
      <Problem error={error} />
      {isSuccess && data.length === 0 ? (
        <Empty title={words.none} about={words.noneAbout} command="bin/slipway image bootstrap debian:bookworm" />
      ) : null}
      {data.length > 0 && shown.length === 0 ? <p className="quiet">{words.noneMatch}</p> : null}
      {shown.length === 0 ? null : (
        <LongTable
          columns={[
            { name: words.tags },
            { name: words.id, room: 'some-room' },
            { name: words.size, isNumber: true },
            { name: words.used, room: 'some-room' },
            { name: words.created, room: 'some-room' },
            { name: words.remove, isHidden: true },
          ]}
          rows={shown}
          keyOf={({ Id }) => Id}
          height={45}
          hasMore={false}
        >
          {(image, mark) => (
            <Row
              key={image.Id}
              image={image}
              users={containers.filter(({ ImageID }) => ImageID === image.Id).length}
              mark={mark}
              onRemove={() => setRemoving(image)}
            />
          )}
        </LongTable>
      )}
      {isPulling ? <PullDialog onClose={() => setPulling(false)} /> : null}
      <Confirm
        title={words.removeTitle(removing?.RepoTags?.[0] ?? shortId(removing?.Id ?? ''))}
        about={words.removeAbout}
        action={words.remove}
        isOpen={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        onConfirm={() => removeImage(removing?.RepoTags?.[0] ?? removing?.Id ?? '')}
      />
    </>
  )
}
