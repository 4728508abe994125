import type { AuditFilterQuery, AuditPage, FeedPage } from '@slipway/client'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { hubJson } from '../queries.ts'

export const feedQuery = infiniteQueryOptions({
  queryKey: ['feed'],
  queryFn: ({ pageParam, signal }) =>
    hubJson<FeedPage>('/feed', { query: { before: pageParam === 0 ? undefined : pageParam }, signal }),
  initialPageParam: 0,
  getNextPageParam: ({ next }) => next ?? undefined,
})

const pageSize = 100

export const auditQuery = (filter: AuditFilterQuery) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      hubJson<AuditPage>('/audit', { query: { ...filter, n: pageSize, before: pageParam || undefined }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  })
