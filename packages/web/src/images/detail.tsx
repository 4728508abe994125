import type { HistoryItem, ImageInspect } from '@slipway/client'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { imageHistoryQuery, imageQuery } from '../engine/queries.ts'
import { shortId } from '../format/short-id.ts'
import { sizeText } from '../format/size.ts'
import { Copyable } from '../parts/copyable.tsx'
import { Meter } from '../parts/meter.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { Since } from '../parts/since.tsx'
import { Table } from '../parts/table.tsx'
import { useWords } from '../words/words.tsx'

const CreateDialog = lazy(async () => ({ default: (await import('../containers/create-dialog.tsx')).CreateDialog }))

const History = ({ items, total }: { readonly items: readonly HistoryItem[]; readonly total: number }) => {
  const { images: words } = useWords()
  return (
    <section>
      <h2>{words.history}</h2>
      <Table columns={[{ name: words.historyCommand }, { name: words.size, isNumber: true }, { name: words.created }]}>
        {items.map(({ CreatedBy, Comment, Size, Created }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a layer has no name of its own here, and none moves
          <tr key={index}>
            <td className="wide mono" title={CreatedBy || Comment}>
              {CreatedBy || Comment}
            </td>
            <td className="number usage-cell">
              {sizeText(Size)}
              <Meter part={Size / total} />
            </td>
            <td className="quiet">
              <Since moment={Created * 1000} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  )
}

/** Old images have a command as one text. */
const wordsOf = (command: string | readonly string[] | null | undefined): string | undefined =>
  command === null || typeof command !== 'object' ? (command ?? undefined) : command.join(' ')

const Configuration = ({ image: { Config, Os, Architecture, Variant, RootFS } }: { readonly image: ImageInspect }) => {
  const { images: words, containers } = useWords()
  const facts: readonly (readonly [string, string | undefined])[] = [
    [words.platform, [Os, Architecture, Variant].filter(Boolean).join('/')],
    [words.entrypoint, wordsOf(Config?.Entrypoint)],
    [containers.command, wordsOf(Config?.Cmd)],
    [words.workdir, Config?.WorkingDir],
    [words.user, Config?.User],
    [words.exposed, Object.keys(Config?.ExposedPorts ?? {}).join(', ')],
    [containers.environment, Config?.Env?.join('\n')],
    ['', words.layers(RootFS.Layers?.length ?? 0)],
  ]
  return (
    <section className="sheet">
      <h2>{words.config}</h2>
      <dl className="facts">
        {facts.map(([name, value]) =>
          value ? (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd className="mono" style={{ whiteSpace: 'pre-line' }}>
                {value}
              </dd>
            </div>
          ) : null,
        )}
      </dl>
    </section>
  )
}

export const ImagePage = () => {
  const { images: words } = useWords()
  const { id } = useParams({ from: '/images/$id' })
  const { data: image, error } = useQuery(imageQuery(id))
  const history = useQuery(imageHistoryQuery(id)).data ?? []
  const [isCreating, setCreating] = useState(false)
  if (image === undefined) return <Problem error={error} />
  const name = image.RepoTags[0] ?? shortId(image.Id)
  return (
    <>
      <PageHead
        title={name}
        about={
          <>
            <code>{shortId(image.Id)}</code> · {sizeText(image.Size)}
          </>
        }
      >
        <button type="button" className="button main-action" onClick={() => setCreating(true)}>
          {words.run}
        </button>
      </PageHead>
      <History items={history} total={image.Size} />
      <div className="sheets">
        <Configuration image={image} />
        <section className="sheet">
          <h2>{words.digests}</h2>
          {[...image.RepoTags, ...image.RepoDigests].map((reference) => (
            <Copyable key={reference} text={`docker pull ${reference}`} />
          ))}
        </section>
      </div>
      {isCreating ? (
        <Suspense>
          <CreateDialog image={name} onClose={() => setCreating(false)} />
        </Suspense>
      ) : null}
    </>
  )
}
