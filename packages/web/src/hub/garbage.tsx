import type { GarbageStatus } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { sizeText } from '../format/size.ts'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'
import { garbageQuery, verbs } from './queries.ts'

const Numbers = ({ garbage: { queue, totals, freedBytes, next } }: { readonly garbage: GarbageStatus }) => {
  const { hub: words } = useWords()
  return (
    <div className="sheets">
      <section className="sheet">
        <h2>{words.waiting}</h2>
        <dl className="facts">
          {queue.map(({ kind, waiting }) => (
            <div key={kind} style={{ display: 'contents' }}>
              <dt>{kind}</dt>
              <dd>{waiting}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="sheet">
        <h2>{words.collected}</h2>
        <dl className="facts">
          {totals.map(({ kind, collected }) => (
            <div key={kind} style={{ display: 'contents' }}>
              <dt>{kind}</dt>
              <dd>{collected}</dd>
            </div>
          ))}
          <dt>{words.freedSoFar}</dt>
          <dd>{sizeText(freedBytes)}</dd>
        </dl>
      </section>
      <section className="sheet">
        <h2>{words.nextReview}</h2>
        <ol className="history mono">
          {next.map(({ kind, key, reviewAfter }) => (
            <li key={`${kind} ${key}`}>
              {new Date(reviewAfter).toLocaleString()} {kind} {key.slice(0, 40)}
            </li>
          ))}
        </ol>
      </section>
    </div>
  )
}

export const GarbagePage = () => {
  const { hub: words } = useWords()
  const { data, error, dataUpdatedAt } = useQuery(garbageQuery)
  const collect = useMutation({ mutationFn: verbs.collect })
  return (
    <>
      <PageHead title={words.garbage} about={error === null ? words.garbageAbout : words.managersOnly}>
        {error === null ? (
          <button
            type="button"
            className="button main-action"
            disabled={collect.isPending}
            onClick={() => collect.mutate()}
          >
            {words.collectNow}
          </button>
        ) : null}
      </PageHead>
      <Problem error={error ?? collect.error} />
      {data === undefined ? null : <Numbers garbage={data} />}
      <p className="quiet">
        <Since moment={dataUpdatedAt} />
      </p>
    </>
  )
}
