import type { AuditFilterQuery, HubAuditEvent } from '@slipway/client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { Field } from '../../parts/field.tsx'
import { LongTable, type RowMark } from '../../parts/long-list.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Since } from '../../parts/since.tsx'
import { useWords } from '../../words/words.tsx'
import { Link } from '../ways.tsx'
import { auditQuery } from './queries.ts'

const fields = ['repository', 'account', 'action', 'subject', 'address', 'since', 'until'] as const

type FieldName = (typeof fields)[number]

/** Those that say something. */
const filterOf = (search: URLSearchParams): AuditFilterQuery =>
  Object.fromEntries(fields.flatMap((name) => (search.get(name) ? [[name, search.get(name)] as const] : [])))

/** The filter is in the address: it can be sent to somebody. */
const useFilter = (): readonly [AuditFilterQuery, (name: FieldName, text: string) => void] => {
  const [filter, setFilter] = useState(() => filterOf(new URLSearchParams(location.search)))
  const change = (name: FieldName, text: string): void => {
    const search = new URLSearchParams({ ...filter, [name]: text })
    const wanted = filterOf(search)
    setFilter(wanted)
    const query = new URLSearchParams(wanted as Record<string, string>)
    history.replaceState(history.state, '', `${location.pathname}${query.size === 0 ? '' : `?${query}`}`)
  }
  return [filter, change]
}

const Row = ({ event, mark }: { readonly event: HubAuditEvent; readonly mark: RowMark }) => {
  const { at, account, action, repository, subject, detail, address } = event
  return (
    <tr {...mark}>
      <td className="quiet">
        <Since moment={at} />
      </td>
      <td>{account ?? '–'}</td>
      <td className="mono">{action}</td>
      <td>
        {repository === null ? (
          ''
        ) : (
          <Link to={repository.endsWith('/') ? `/projects/${repository.slice(0, -1)}` : `/repositories/${repository}`}>
            {repository}
          </Link>
        )}
      </td>
      <td className="mono" title={detail ?? ''}>
        {subject}
      </td>
      <td className="mono">{address}</td>
    </tr>
  )
}

/** What was done, by whom: for who manages the registry. */
export const AuditPage = () => {
  const { watch: words, hub } = useWords()
  const [filter, change] = useFilter()
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, isSuccess } = useInfiniteQuery({
    ...auditQuery(filter),
    placeholderData: keepPreviousData,
  })
  const events = data?.pages.flatMap(({ events }) => events) ?? []
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [isFetchingNextPage, fetchNextPage])
  const exported = (format: 'jsonl' | 'csv'): string =>
    `/api/v1/audit/export?${new URLSearchParams({ ...(filter as Record<string, string>), format })}`
  return (
    <>
      <PageHead title={words.audit} about={error === null ? words.auditAbout : hub.managersOnly}>
        <a className="button" href={exported('csv')} download>
          {words.export('CSV')}
        </a>
        <a className="button" href={exported('jsonl')} download>
          {words.export('JSON')}
        </a>
      </PageHead>
      <search className="filters">
        {fields.map((name) => (
          <Field key={name} label={words[name]}>
            <input
              type="search"
              className="mono"
              placeholder={words.examples[name]}
              value={filter[name] ?? ''}
              onChange={({ target }) => change(name, target.value)}
            />
          </Field>
        ))}
      </search>
      <Problem error={error} />
      {isSuccess && events.length === 0 ? <p className="quiet">{words.noneMatch}</p> : null}
      <LongTable
        columns={[
          { name: words.when },
          { name: words.account },
          { name: words.action },
          { name: words.repository },
          { name: words.subject },
          { name: words.address },
        ]}
        rows={events}
        keyOf={({ id }) => id}
        height={41}
        hasMore={hasNextPage}
        onMore={more}
      >
        {(event, mark) => <Row key={event.id} event={event} mark={mark} />}
      </LongTable>
    </>
  )
}
