import type {
  ContainerInspect,
  ContainerSummary,
  DirectoryListing,
  DiskUsage,
  HistoryItem,
  ImageInspect,
  ImageSummary,
  NetworkInspect,
  SystemInfo,
  VolumeList,
} from '@slipway/client'
import { queryOptions } from '@tanstack/react-query'
import { engineJson } from './calls.ts'

const at = encodeURIComponent

/**
 * What the pages know of the engine. The first word of a key is the kind of things it is about: an event of that kind makes
 * it stale (`events.ts`).
 */
export const containersQuery = queryOptions({
  queryKey: ['container', 'list'],
  queryFn: ({ signal }) =>
    engineJson<readonly ContainerSummary[]>('/containers/json', { query: { all: true }, signal }),
  // Its rows tell how long a container is up.
  refetchInterval: 15_000,
})

export const containerQuery = (id: string) =>
  queryOptions({
    queryKey: ['container', 'inspect', id],
    queryFn: ({ signal }) => engineJson<ContainerInspect>(`/containers/${at(id)}/json`, { signal }),
  })

export const filesQuery = (id: string, path: string) =>
  queryOptions({
    queryKey: ['files', id, path],
    queryFn: ({ signal }) => engineJson<DirectoryListing>(`/containers/${at(id)}/files`, { query: { path }, signal }),
    // Nothing tells that a file has changed.
    staleTime: 0,
  })

export const imagesQuery = queryOptions({
  queryKey: ['image', 'list'],
  queryFn: ({ signal }) => engineJson<readonly ImageSummary[]>('/images/json', { signal }),
})

export const imageQuery = (id: string) =>
  queryOptions({
    queryKey: ['image', 'inspect', id],
    queryFn: ({ signal }) => engineJson<ImageInspect>(`/images/${at(id)}/json`, { signal }),
  })

export const imageHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['image', 'history', id],
    queryFn: ({ signal }) => engineJson<readonly HistoryItem[]>(`/images/${at(id)}/history`, { signal }),
  })

export const networksQuery = queryOptions({
  queryKey: ['network', 'list'],
  queryFn: ({ signal }) => engineJson<readonly NetworkInspect[]>('/networks', { signal }),
})

export const volumesQuery = queryOptions({
  queryKey: ['volume', 'list'],
  queryFn: ({ signal }) => engineJson<VolumeList>('/volumes', { signal }),
})

export const infoQuery = queryOptions({
  queryKey: ['engine', 'info'],
  queryFn: ({ signal }) => engineJson<SystemInfo>('/info', { signal }),
})

/** Counts bytes: asked only where it is shown. */
export const diskUsageQuery = queryOptions({
  queryKey: ['disk', 'usage'],
  queryFn: ({ signal }) => engineJson<DiskUsage>('/system/df', { signal }),
})
