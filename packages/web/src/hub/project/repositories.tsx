import type { ProjectPage } from '@slipway/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Empty } from '../../parts/empty.tsx'
import { More } from '../../parts/more.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useWords } from '../../words/words.tsx'
import { RepositoryCardItem } from '../card.tsx'
import { projectRepositoriesQuery } from './queries.ts'

/** What is in a project, or how to begin. */
export const Repositories = ({ page }: { readonly page: ProjectPage }) => {
  const { project: words } = useWords()
  const { data, error, hasNextPage, fetchNextPage, isSuccess } = useInfiniteQuery(projectRepositoriesQuery(page.name))
  const found = data?.pages.flatMap(({ repositories }) => repositories) ?? []
  const name = `${location.host}/${page.name}/web:v1`
  return (
    <>
      <Problem error={error} />
      {isSuccess && found.length === 0 ? (
        <Empty
          title={words.noRepositories}
          about={words.noRepositoriesAbout}
          command={`docker login ${location.host}\ndocker tag web ${name}\ndocker push ${name}`}
        />
      ) : null}
      <ul className="cards">
        {found.map((repository) => (
          <RepositoryCardItem key={repository.name} repository={repository} />
        ))}
      </ul>
      {hasNextPage ? <More onMore={fetchNextPage} /> : null}
    </>
  )
}
