import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useLiveFeed } from './live-feed.ts'
import { feedStartQuery } from './queries.ts'

/** A repository's page shows what was pushed and deleted as soon as it was. */
export const useRenewed = (repository: string): void => {
  const queries = useQueryClient()
  const { data } = useQuery(feedStartQuery(repository))
  const renew = (): void => void queries.invalidateQueries({ queryKey: ['repository', repository] })
  useLiveFeed({ repository, after: data?.last, onEvent: renew, onGap: renew })
}
