import type { ImageSummary } from '@slipway/client'
import { type Digest, familiarName, familiarRepository, type Reference } from '@slipway/core'
import { type Filters, flagFilter, labelsMatch } from '../filters.ts'
import { untilFilter } from '../moment.ts'
import { isCompanion, isNameless, namedIndexes } from './companion.ts'
import { manifestsOf } from './manifests.ts'
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

const matchesGlob = (reference: Reference, glob: string): boolean => {
  const pattern = globPattern(glob)
  return pattern.test(familiarName(reference)) || pattern.test(familiarRepository(reference))
}

/** Whether one of the globs fits the name; without any, all do. */
const fits =
  (globs: readonly string[] | undefined) =>
  (reference: Reference): boolean =>
    globs?.some((glob) => matchesGlob(reference, glob)) ?? true

/** Nothing leads to it: no name, no image that was built on it, none that it came with (`named`: see companion.ts). */
export const isDangling = (store: ImageStore, image: Image, named: ReadonlySet<Digest>): boolean =>
  isNameless(image) && store.children(image.id).length === 0 && !isCompanion(image, named)

/** Which images the filters let through. Throws not-found for an unknown image in `before` and `since`. */
export const compileImageFilters = async (store: ImageStore, filters: Filters): Promise<(image: Image) => boolean> => {
  const dangling = flagFilter(filters, 'dangling')
  const named = namedIndexes(dangling === undefined ? [] : await store.list())
  const timesOf = async (name: 'before' | 'since'): Promise<readonly Date[]> =>
    Promise.all((filters.get(name) ?? []).map(async (text) => (await store.resolve(text)).createdAt))
  const before = [
    ...(await timesOf('before')),
    ...(filters.get('until') ?? []).map((text) => new Date(untilFilter([text]) ?? 0)),
  ]
  const since = await timesOf('since')
  const globs = filters.get('reference')
  return (image) => {
    const labels = image.config.config?.Labels ?? {}
    const refused = filters.get('label!')?.some((text) => labelsMatch(labels, [text])) ?? false
    return (
      (dangling === undefined || isDangling(store, image, named) === dangling) &&
      (globs === undefined || [...image.references, ...image.repoDigests].some(fits(globs))) &&
      labelsMatch(labels, filters.get('label') ?? []) &&
      !refused &&
      before.every((time) => image.createdAt < time) &&
      since.every((time) => image.createdAt > time)
    )
  }
}

/** Of its names, those that were looked for. */
const summaryOf = (store: ImageStore, image: Image, isWanted: (name: Reference) => boolean): ImageSummary => ({
  Id: image.id,
  ParentId: image.parent ?? '',
  RepoTags: image.references.filter(isWanted).map(familiarName).toSorted(),
  RepoDigests: image.repoDigests.filter(isWanted).map(familiarName).toSorted(),
  Created: Math.floor(image.createdAt.getTime() / 1000),
  Size: image.size,
  SharedSize: -1,
  Labels: image.config.config?.Labels ?? null,
  Containers: store.inUse(image.id).length,
})

export interface ListRequest {
  readonly all: boolean
  readonly filters: Filters
  /** With what the indexes list that the images came with. */
  readonly manifests?: boolean
}

/** `GET /images/json`, newest first; nameless ones of build steps, and of other machines, only with `all`. */
export const listImages = async (
  room: ImageRoom,
  { all, filters, manifests = false }: ListRequest,
): Promise<readonly ImageSummary[]> => {
  const { store } = room
  const matches = await compileImageFilters(store, filters)
  const images = await store.list()
  const parents = new Set(images.map(({ parent }) => parent))
  const named = namedIndexes(images)
  const isBehind = (image: Image): boolean => (isNameless(image) && parents.has(image.id)) || isCompanion(image, named)
  const isWanted = fits(filters.get('reference'))
  const shown = images
    .filter((image) => (all || !isBehind(image)) && matches(image))
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  return Promise.all(
    shown.map(async (image) => ({
      ...summaryOf(store, image, isWanted),
      ...(manifests ? await manifestsOf(room, image) : {}),
    })),
  )
}
