import { useQuery } from '@tanstack/react-query'
import { PageHead } from '../../parts/page-head.tsx'
import { useWords } from '../../words/words.tsx'
import { sessionQuery } from '../queries.ts'
import { WebhookPanel } from './panel.tsx'

/** Who is told of what happens: for who manages the registry. */
export const WebhooksPage = () => {
  const { hub: words } = useWords()
  const session = useQuery(sessionQuery).data
  return (
    <>
      <PageHead title={words.webhooks} about={session?.manages === false ? words.managersOnly : words.webhooksAbout} />
      <WebhookPanel project={undefined} />
    </>
  )
}
