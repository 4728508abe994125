import type { RepositoryPage } from '@slipway/client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLiveFeed } from './live-feed.ts'

/** A repository's page shows what was pushed and deleted as soon as it was. */
export const useRenewed = ({ name, last }: RepositoryPage): void => {
  const queries = useQueryClient()
  // Where the page began: what comes later brings another page, and must not begin the feed anew.
  const [after] = useState(last)
  const renew = (): void => void queries.invalidateQueries({ queryKey: ['repository', name] })
  useLiveFeed({ repository: name, after, onEvent: renew, onGap: renew })
}
