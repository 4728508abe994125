import type { ImageSummary } from '@slipway/client'
import { familiarName, familiarRepository, type Reference } from '@slipway/core'
import { type Filters, flagFilter, labelsMatch, someMatch } from '../filters.ts'
import { untilFilter } from '../moment.ts'
import type { ImageRoom } from './room.ts'
import type { Image, ImageStore } from './store.ts'

export const imageFilters = ['dangling', 'reference', 'label', 'label!', 'before', 'since', 'until'] as const

/** Go's path.Match: `*` and `?` stop at a slash. */
const globPattern = (glob: string): RegExp => {
  const parts = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  try {
    return new RegExp(`^${parts}$`)
  } catch {
    return /^(?!)/
  }
}

const matchesReference = ({ references, repoDigests }: Image, glob: string): boolean => {
  const pattern = globPattern(glob)
  const matches = (reference: Reference): boolean =>
    pattern.test(familiarName(reference)) || pattern.test(familiarRepository(reference))
  return [...references, ...repoDigests].some(matches)
}

export const isDangling = (store: ImageStore, { id, references, repoDigests }: Image): boolean =>
  references.length === 0 && repoDigests.length === 0 && store.children(id).length === 0

/** Which images the filters let through. Throws not-found for an unknown image in `before` and `since`. */
export const compileImageFilters = async (store: ImageStore, filters: Filters): Promise<(image: Image) => boolean> => {
  const dangling = flagFilter(filters, 'dangling')
  const timesOf = async (name: 'before' | 'since'): Promise<readonly Date[]> =>
    Promise.all((filters.get(name) ?? []).map(async (text) => (await store.resolve(text)).createdAt))
  const before = [
    ...(await timesOf('before')),
    ...(filters.get('until') ?? []).map((text) => new Date(untilFilter([text]) ?? 0)),
  ]
  const since = await timesOf('since')
  return (image) => {
    const labels = image.config.config?.Labels ?? {}
    const refused = filters.get('label!')?.some((text) => labelsMatch(labels, [text])) ?? false
    return (
      (dangling === undefined || isDangling(store, image) === dangling) &&
      someMatch(filters, 'reference', (glob) => matchesReference(image, glob)) &&
      labelsMatch(labels, filters.get('label') ?? []) &&
      !refused &&
      before.every((time) => image.createdAt < time) &&
      since.every((time) => image.createdAt > time)
    )
  }
}

const summaryOf = (store: ImageStore, image: Image): ImageSummary => ({
  Id: image.id,
  ParentId: image.parent ?? '',
  RepoTags: image.references.map(familiarName).toSorted(),
  RepoDigests: image.repoDigests.map(familiarName).toSorted(),
  Created: Math.floor(image.createdAt.getTime() / 1000),
  Size: image.size,
  SharedSize: -1,
  Labels: image.config.config?.Labels ?? null,
  Containers: store.inUse(image.id).length,
})

/** `GET /images/json`, newest first; the nameless images of build steps only with `all`. */
export const listImages = async (
  { store }: ImageRoom,
  { all, filters }: { readonly all: boolean; readonly filters: Filters },
): Promise<readonly ImageSummary[]> => {
  const matches = await compileImageFilters(store, filters)
  const images = await store.list()
  const parents = new Set(images.map(({ parent }) => parent))
  const isStep = ({ id, references, repoDigests }: Image): boolean =>
    references.length === 0 && repoDigests.length === 0 && parents.has(id)
  return images
    .filter((image) => (all || !isStep(image)) && matches(image))
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
    .map((image) => summaryOf(store, image))
}
