import type { RepositoryCard } from '@slipway/client'
import { Since } from '../parts/since.tsx'
import { useWords } from '../words/words.tsx'
import { Link } from './ways.tsx'

/** A repository in a list. */
export const RepositoryCardItem = ({ repository }: { readonly repository: RepositoryCard }) => {
  const { hub: words, project } = useWords()
  const { name, description, stars, pulls, official, automated, visibility, pushedAt } = repository
  return (
    <li className="sheet">
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
