import type { ProjectPage } from '@slipway/client'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { Tabs } from 'radix-ui'
import type { ComponentType } from 'react'
import { CallError } from '../../calls/ask.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useWords } from '../../words/words.tsx'
import { useGo } from '../ways.tsx'
import { WebhookPanel } from '../webhook/panel.tsx'
import { Members } from './members.tsx'
import { projectQuery } from './queries.ts'
import { Repositories } from './repositories.tsx'
import { Robots } from './robots.tsx'
import { Rules } from './rules.tsx'
import { Settings } from './settings.tsx'
import { UseBar } from './use-bar.tsx'

const Webhooks = ({ page }: { readonly page: ProjectPage }) => <WebhookPanel project={page.name} />

interface Tab {
  readonly name: 'repositories' | 'members' | 'robots' | 'rules' | 'webhooks' | 'settings'
  readonly View: ComponentType<{ readonly page: ProjectPage }>
  readonly isFor: (page: ProjectPage) => boolean
}

const tabs: readonly Tab[] = [
  { name: 'repositories', View: Repositories, isFor: () => true },
  { name: 'members', View: Members, isFor: ({ mayPush }) => mayPush },
  { name: 'robots', View: Robots, isFor: ({ mayMaintain }) => mayMaintain },
  { name: 'rules', View: Rules, isFor: ({ mayPush }) => mayPush },
  { name: 'webhooks', View: Webhooks, isFor: ({ mayMaintain }) => mayMaintain },
  { name: 'settings', View: Settings, isFor: ({ mayOwn }) => mayOwn },
]

const Project = ({ page }: { readonly page: ProjectPage }) => {
  const { hub, project: words } = useWords()
  const { search } = useLocation()
  const go = useGo()
  const { tab = 'repositories' } = search as { readonly tab?: string }
  const shown = tabs.filter(({ isFor }) => isFor(page))
  return (
    <>
      <PageHead title={page.name} about={page.description} />
      <div className="row quiet">
        <span className={page.visibility === 'private' ? 'badge warn' : 'badge'}>{hub[page.visibility]}</span>
        <UseBar used={page.used} quota={page.quota} />
      </div>
      <Tabs.Root
        className="tabs"
        value={tab}
        onValueChange={(chosen) => void go({ to: `/projects/${page.name}`, search: { tab: chosen }, replace: true })}
      >
        <Tabs.List>
          {shown.map(({ name }) => (
            <Tabs.Trigger key={name} value={name}>
              {words[name]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {shown.map(({ name, View }) => (
          <Tabs.Content key={name} value={name} className="stack">
            <View page={page} />
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </>
  )
}

export const ProjectRoute = () => {
  const { project: words } = useWords()
  const name = useLocation().pathname.replace(/^\/projects\//, '')
  const { data, error } = useQuery(projectQuery(name))
  if (error !== null) {
    const isRefused = error instanceof CallError && error.status > 0 && error.status < 500
    return isRefused ? <PageHead title={name} about={words.notFound} /> : <Problem error={error} />
  }
  return data === undefined ? null : <Project key={name} page={data} />
}
