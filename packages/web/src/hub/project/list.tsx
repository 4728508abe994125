import type { ProjectRow } from '@slipway/client'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Empty } from '../../parts/empty.tsx'
import { More } from '../../parts/more.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Problem } from '../../parts/problem.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { Table } from '../../parts/table.tsx'
import { useWords } from '../../words/words.tsx'
import { sessionQuery } from '../queries.ts'
import { Link } from '../ways.tsx'
import { MakeDialog } from './make-dialog.tsx'
import { projectsQuery } from './queries.ts'
import { UseBar } from './use-bar.tsx'

const Row = ({ project }: { readonly project: ProjectRow }) => {
  const { hub } = useWords()
  const { name, description, visibility, repositories, used, quota } = project
  return (
    <tr>
      <td>
        <Link to={`/projects/${name}`}>{name}</Link>
      </td>
      <td>{description}</td>
      <td>
        <span className={visibility === 'private' ? 'badge warn' : 'badge'}>{hub[visibility]}</span>
      </td>
      <td className="number">{repositories}</td>
      <td>
        <UseBar used={used} quota={quota} />
      </td>
    </tr>
  )
}

/** The projects that the reader may see; for who manages the registry, with what they hold. */
export const ProjectsPage = () => {
  const { hub, project: words } = useWords()
  const session = useQuery(sessionQuery).data
  const [text, setText] = useState('')
  const [mine, setMine] = useState(false)
  const [isMaking, setMaking] = useState(false)
  const { data, error, hasNextPage, fetchNextPage, isSuccess } = useInfiniteQuery({
    ...projectsQuery(text, mine),
    placeholderData: keepPreviousData,
  })
  const found = data?.pages.flatMap(({ projects }) => projects) ?? []
  const isUnfiltered = text === '' && !mine
  return (
    <>
      <PageHead title={words.projects} about={words.projectsAbout}>
        {session?.account || session?.manages ? (
          <button type="button" className="button main-action" onClick={() => setMaking(true)}>
            {words.newProject}
          </button>
        ) : null}
      </PageHead>
      <div className="row">
        <SearchField label={words.search} value={text} onChange={setText} />
        {session?.account ? (
          <label className="check">
            <input type="checkbox" checked={mine} onChange={(event) => setMine(event.target.checked)} />
            {words.mine}
          </label>
        ) : null}
      </div>
      <Problem error={error} />
      {isSuccess && found.length === 0 && isUnfiltered ? (
        <Empty
          title={words.none}
          about={words.noneAbout}
          command={`docker login ${location.host}\ndocker push ${location.host}/${session?.account ?? 'team'}/web:v1`}
        />
      ) : null}
      {isSuccess && found.length === 0 && !isUnfiltered ? <p className="quiet">{words.noneMatch}</p> : null}
      {found.length === 0 ? null : (
        <Table
          columns={[
            { name: words.project },
            { name: hub.description },
            { name: words.visibility },
            { name: words.repositories, isNumber: true },
            { name: words.used },
          ]}
        >
          {found.map((project) => (
            <Row key={project.name} project={project} />
          ))}
        </Table>
      )}
      {hasNextPage ? <More onMore={fetchNextPage} /> : null}
      {isMaking ? <MakeDialog onClose={() => setMaking(false)} /> : null}
    </>
  )
}
