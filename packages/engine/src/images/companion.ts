import type { Digest } from '@slipway/core'
import { indexesOf } from './platform.ts'
import type { Image } from './store.ts'

export const isNameless = ({ references, repoDigests }: Image): boolean =>
  references.length === 0 && repoDigests.length === 0

/** The indexes that images with a name came from. */
export const namedIndexes = (images: readonly Image[]): ReadonlySet<Digest> =>
  new Set(
    images
      .filter((image) => !isNameless(image))
      .flatMap(indexesOf)
      .map(({ digest }) => digest),
  )

/**
 * Whether it is the same image as one with a name, for another machine: a name stands for one image, the others are found
 * through the index that all of them came from. They stay, and go, with it.
 */
export const isCompanion = (image: Image, named: ReadonlySet<Digest>): boolean =>
  isNameless(image) && indexesOf(image).some(({ digest }) => named.has(digest))
