import type { RepositoryCard } from '@slipway/client'
import type { RowMark } from '../parts/long-list.tsx'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'
import { Link } from './ways.tsx'

interface CardProps {
  readonly repository: RepositoryCard
  /** In a long list. */
  readonly mark?: RowMark
}

/** A repository in a list. */
export const RepositoryCardItem = ({ repository, mark }: CardProps) => {
  const { hub: words, project } = useWords()
  const { name, description, stars, pulls, official, automated, visibility, pushedAt } = repository
  return (
    <li className="sheet" {...mark}>
      <div className="row">
        <Link to={`/repositories/${name}`} className="name">
          {name}
        </Link>
        {official ? <span className="badge good">{words.official}</span> : null}
        {automated ? <span className="badge">{words.automated}</span> : null}
        {visibility === 'private' ? <span className="badge warn">{words.private}</span> : null}
      </div>
      <p>{description}</p>
      <div className="row quiet">
        <span>{words.stars(stars)}</span>
        <span>{project.pulls(pulls)}</span>
        <span>
          {words.pushed} <Since moment={pushedAt} />
        </span>
      </div>
    </li>
  )
}
