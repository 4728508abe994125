import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Tabs } from 'radix-ui'
import { lazy, Suspense, useState } from 'react'
import { containerQuery, containersQuery } from '../engine/queries.ts'
import { plainName, shortId } from '../format/short-id.ts'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { useWords } from '../words/words.tsx'
import { Actions } from './actions.tsx'
import { LogView } from './log-view.tsx'
import { Overview } from './overview.tsx'
import { StateBadge } from './state-badge.tsx'

const TerminalView = lazy(async () => ({ default: (await import('./terminal-view.tsx')).TerminalView }))
const FilesView = lazy(async () => ({ default: (await import('./files-view.tsx')).FilesView }))
const UsageView = lazy(async () => ({ default: (await import('./usage-view.tsx')).UsageView }))

const tabs = ['overview', 'logs', 'terminal', 'usage', 'files', 'inspect'] as const

export const ContainerPage = () => {
  const words = useWords()
  const navigate = useNavigate()
  const { id } = useParams({ from: '/containers/$id' })
  const { tab = 'overview' } = useSearch({ from: '/containers/$id' })
  const { data: container, error } = useQuery(containerQuery(id))
  const summary = useQuery(containersQuery).data?.find((one) => one.Id === container?.Id)
  const [refusal, setRefusal] = useState<unknown>()
  if (container === undefined) return <Problem error={error} />
  const name = plainName(container.Name)
  return (
    <>
      <PageHead
        title={name}
        about={
          <span className="row">
            <StateBadge state={container.State.Status} status={summary?.Status ?? ''} />
            <code>{shortId(container.Id)}</code>
          </span>
        }
      >
        <Actions
          id={container.Id}
          name={name}
          state={container.State.Status}
          onError={setRefusal}
          onRemoved={() => void navigate({ to: '/containers' })}
        />
      </PageHead>
      <Problem error={error ?? refusal} />
      <Tabs.Root
        className="tabs"
        value={tab}
        onValueChange={(chosen) =>
          void navigate({ to: '/containers/$id', params: { id }, search: { tab: chosen }, replace: true })
        }
      >
        <Tabs.List>
          {tabs.map((one) => (
            <Tabs.Trigger key={one} value={one}>
              {words.containers[one]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Suspense fallback={<p className="quiet">{words.app.loading}</p>}>
          <Tabs.Content value="overview">
            <Overview container={container} />
          </Tabs.Content>
          <Tabs.Content value="logs">
            <LogView key={`${container.Id} ${container.State.StartedAt}`} container={container} />
          </Tabs.Content>
          <Tabs.Content value="terminal">
            {container.State.Running ? (
              <TerminalView id={container.Id} />
            ) : (
              <p className="quiet">{words.containers.notRunning}</p>
            )}
          </Tabs.Content>
          <Tabs.Content value="usage">
            {container.State.Running ? (
              <UsageView id={container.Id} />
            ) : (
              <p className="quiet">{words.containers.notRunning}</p>
            )}
          </Tabs.Content>
          <Tabs.Content value="files">
            <FilesView id={container.Id} />
          </Tabs.Content>
          <Tabs.Content value="inspect">
            <pre className="inspect sheet">{JSON.stringify(container, null, 2)}</pre>
          </Tabs.Content>
        </Suspense>
      </Tabs.Root>
    </>
  )
}
