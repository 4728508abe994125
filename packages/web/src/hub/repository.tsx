import type { RepositoryPage } from '@slipway/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { Tabs } from 'radix-ui'
import { useState } from 'react'
import { CallError } from '../calls/ask.ts'
import { sizeText } from '../format/size.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Copyable } from '../parts/copyable.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { Problem } from '../parts/problem.tsx'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'
import { About } from './about.tsx'
import { ImageView } from './image.tsx'
import { repositoryQuery, verbs } from './queries.ts'
import { TagList } from './tag-list.tsx'
import { TrashList } from './trash-list.tsx'
import { useRenewed } from './watch/renew.ts'
import { Link, useGo } from './ways.tsx'

/** `team/app` and `sha256:…` of `/repositories/team/app/-/images/sha256:…`. */
const readPath = (pathname: string): { readonly name: string; readonly digest: string | undefined } => {
  const [name = '', rest] = decodeURIComponent(pathname)
    .replace(/^\/repositories\//, '')
    .split('/-/', 2)
  return { name, digest: rest?.replace(/^images\//, '') }
}

const Actions = ({ page }: { readonly page: RepositoryPage }) => {
  const { hub: words, project } = useWords()
  const [isDeleting, setDeleting] = useState(false)
  const go = useGo()
  const star = useMutation({ mutationFn: () => verbs.star(page.name, !page.starred) })
  const show = useMutation({
    mutationFn: () => verbs.show(page.name, page.visibility === 'public' ? 'private' : 'public'),
  })
  const badge = useMutation({ mutationFn: () => verbs.badge(page.name, !page.official) })
  return (
    <div className="row">
      <button type="button" className="button" aria-pressed={page.starred} onClick={() => star.mutate()}>
        {page.starred ? '★' : '☆'} {page.starred ? words.unstar : words.star} · {page.stars}
      </button>
      {page.mayManage ? (
        <button type="button" className="button" onClick={() => show.mutate()}>
          {page.visibility === 'public' ? words.makePrivate : words.makePublic}
        </button>
      ) : null}
      {page.mayBadge ? (
        <button type="button" className="button" onClick={() => badge.mutate()}>
          {page.official ? project.makeUnofficial : project.makeOfficial}
        </button>
      ) : null}
      {page.mayDelete ? (
        <button type="button" className="button" onClick={() => setDeleting(true)}>
          {words.deleteAll}…
        </button>
      ) : null}
      <Problem error={star.error ?? show.error ?? badge.error} />
      <Confirm
        title={words.deleteTitle(page.name)}
        about={words.deleteAbout}
        action={words.deleteAll}
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        onConfirm={async () => {
          await verbs.remove(page.name)
          await go({ to: `/repositories/${page.name}`, search: { tab: 'trash' } })
        }}
      />
    </div>
  )
}

/** A repository that was deleted has nothing but its trash. */
const Deleted = ({ name, error }: { readonly name: string; readonly error: unknown }) => {
  const { hub: words } = useWords()
  return (
    <>
      <PageHead title={name} about={error instanceof CallError && error.status < 500 ? words.notFound : undefined} />
      <TrashList name={name} />
    </>
  )
}

const tabs = ['about', 'tags', 'trash'] as const

const Repository = ({ page }: { readonly page: RepositoryPage }) => {
  const { hub: words, project } = useWords()
  const { search } = useLocation()
  const go = useGo()
  const { tab = 'about' } = search as { readonly tab?: string }
  useRenewed(page)
  return (
    <>
      <PageHead title={page.name} about={page.description}>
        <Actions page={page} />
      </PageHead>
      <div className="row quiet">
        {page.official ? <span className="badge good">{words.official}</span> : null}
        <span className={page.visibility === 'private' ? 'badge warn' : 'badge'}>{words[page.visibility]}</span>
        <span>{sizeText(page.size)}</span>
        <span>{project.pulls(page.pulls)}</span>
        {page.pulledAt === null ? null : (
          <span>
            {project.lastPulled} <Since moment={page.pulledAt} />
          </span>
        )}
        {page.project === null ? null : (
          <Link to={`/projects/${page.project}`}>
            {project.project} {page.project}
          </Link>
        )}
      </div>
      <Copyable text={`docker pull ${location.host}/${page.name}`} />
      <Tabs.Root
        className="tabs"
        value={tab}
        onValueChange={(chosen) =>
          void go({ to: `/repositories/${page.name}`, search: { tab: chosen }, replace: true })
        }
      >
        <Tabs.List>
          {tabs.map((one) => (
            <Tabs.Trigger key={one} value={one}>
              {words[one]}
              {one === 'tags' ? ` (${page.tags})` : ''}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="about">
          <About page={page} />
        </Tabs.Content>
        <Tabs.Content value="tags">
          <TagList page={page} />
        </Tabs.Content>
        <Tabs.Content value="trash">
          <TrashList name={page.name} />
        </Tabs.Content>
      </Tabs.Root>
    </>
  )
}

export const RepositoryRoute = () => {
  const { name, digest } = readPath(useLocation().pathname)
  const { data, error } = useQuery(repositoryQuery(name))
  if (digest !== undefined) return <ImageView name={name} digest={digest} />
  if (error !== null) return <Deleted name={name} error={error} />
  return data === undefined ? null : <Repository key={data.name} page={data} />
}
