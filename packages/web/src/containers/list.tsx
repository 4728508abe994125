import type { ContainerSummary } from '@slipway/client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { containersQuery } from '../engine/queries.ts'
import { type UsagePoint, useUsage } from '../engine/usage.ts'
import { plainName } from '../format/short-id.ts'
import { sizeText } from '../format/size.ts'
import { Empty } from '../parts/empty.tsx'
import { LongTable, type RowMark } from '../parts/long-list.tsx'
import { Meter } from '../parts/meter.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'
import { Actions } from './actions.tsx'
import { filterContainers } from './filter.ts'
import { PortLinks } from './port-links.tsx'
import { StateBadge } from './state-badge.tsx'

const CreateDialog = lazy(async () => ({ default: (await import('./create-dialog.tsx')).CreateDialog }))

const UsageCells = ({ usage }: { readonly usage: UsagePoint | undefined }) =>
  usage === undefined ? (
    <>
      <td className="number some-room">–</td>
      <td className="number some-room">–</td>
    </>
  ) : (
    <>
      <td className="number usage-cell some-room">
        {(usage.cpu * 100).toFixed(1)} %<Meter part={usage.cpu} />
      </td>
      <td className="number usage-cell some-room">
        {sizeText(usage.memory)}
        <Meter part={usage.memory / usage.memoryLimit} />
      </td>
    </>
  )

interface RowProps {
  readonly container: ContainerSummary
  readonly usage: UsagePoint | undefined
  readonly mark: RowMark
  readonly onError: (error: unknown) => void
}

const Row = ({ container, usage, mark, onError }: RowProps) => {
  const { Id, Names, Image, State, Status, Ports, Created } = container
  const name = plainName(Names[0])
  return (
    <tr {...mark}>
      <td className="name" title={name}>
        <Link to="/containers/$id" params={{ id: Id }}>
          {name}
        </Link>
      </td>
      <td className="wide mono some-room image" title={Image}>
        {Image}
      </td>
      <td>
        <StateBadge state={State} status={Status} />
      </td>
      <td className="some-room">
        <PortLinks ports={Ports} />
      </td>
      <UsageCells usage={usage} />
      <td className="quiet much-room">
        <Since moment={Created * 1000} />
      </td>
      <td>
        <Actions id={Id} name={name} state={State} onError={onError} isBrief />
      </td>
    </tr>
  )
}

const ContainerTable = ({
  containers,
  onError,
}: { readonly containers: readonly ContainerSummary[] } & Pick<RowProps, 'onError'>) => {
  const { containers: words } = useWords()
  const usage = useUsage()
  return (
    <LongTable
      columns={[
        { name: words.name },
        { name: words.image, room: 'some-room' },
        { name: words.state },
        { name: words.ports, room: 'some-room' },
        { name: words.cpu, isNumber: true, room: 'some-room' },
        { name: words.memory, isNumber: true, room: 'some-room' },
        { name: words.created, room: 'much-room' },
        { name: words.actions, isHidden: true },
      ]}
      rows={containers}
      keyOf={({ Id }) => Id}
      height={49}
      hasMore={false}
    >
      {(container, mark) => (
        <Row
          key={container.Id}
          container={container}
          usage={usage.get(container.Id)?.at(-1)}
          mark={mark}
          onError={onError}
        />
      )}
    </LongTable>
  )
}

export const ContainersPage = () => {
  const words = useWords()
  const { data = [], isSuccess, error } = useQuery(containersQuery)
  const [text, setText] = useState('')
  const [all, setAll] = useState(true)
  const [isCreating, setCreating] = useState(false)
  const [refusal, setRefusal] = useState<unknown>()
  const shown = filterContainers(data, { text, all })
  const running = data.filter(({ State }) => State === 'running').length
  return (
    <>
      <PageHead title={words.containers.title} about={words.containers.count(running, data.length)}>
        <button type="button" className="button main-action" onClick={() => setCreating(true)}>
          {words.containers.new}
        </button>
      </PageHead>
      <div className="row">
        <SearchField label={words.containers.filter} value={text} onChange={setText} />
        <label className="check">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
          {words.containers.all}
        </label>
      </div>
      <Problem error={error ?? refusal} />
      {isSuccess && data.length === 0 ? (
        <Empty
          title={words.containers.none}
          about={words.containers.noneAbout}
          command="docker run -d -p 8080:80 --name web nginx"
        />
      ) : null}
      {data.length > 0 && shown.length === 0 ? <p className="quiet">{words.containers.noneMatch}</p> : null}
      {shown.length > 0 ? <ContainerTable containers={shown} onError={setRefusal} /> : null}
      {isCreating ? (
        <Suspense>
          <CreateDialog onClose={() => setCreating(false)} />
        </Suspense>
      ) : null}
    </>
  )
}
