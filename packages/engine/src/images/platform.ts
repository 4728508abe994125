import { type Descriptor, formatPlatform, invalid, isIndex, type Platform, SlipwayError } from '@slipway/core'
import { type ApiRequest, readJsonText } from '@slipway/http'
import { atLeast } from '../api-version.ts'
import type { Image, ImageStore } from './store.ts'

/** `{"os":"linux","architecture":"arm64"}`, as clients write it since 1.46. */
const readPlatform = (text: string): Platform => {
  const value = readJsonText(text, 'failed to parse platform') as Partial<Record<keyof Platform, unknown>> | null
  const { os, architecture, variant } = value ?? {}
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === '' || architecture === '') {
    throw invalid('both OS and Architecture must be provided')
  }
  return { os, architecture, ...(typeof variant === 'string' && variant ? { variant } : {}) }
}

/** The platforms that a request asks for; a client older than `since` means nothing by them. Throws invalid. */
export const platformsIn = (
  { query, version }: ApiRequest,
  since: `1.${number}`,
  parameter: 'platform' | 'platforms' = 'platform',
): readonly Platform[] => (atLeast(version, since) ? query.getAll(parameter).filter(Boolean).map(readPlatform) : [])

/** Whether an image is for the platform; an image that names no variant is for all of them. */
export const isFor = ({ config }: Pick<Image, 'config'>, wanted: Platform): boolean =>
  config.os === wanted.os &&
  config.architecture === wanted.architecture &&
  (!wanted.variant || !config.variant || config.variant === wanted.variant)

/** Docker's words for an image that is for another machine than the one asked for. */
export const otherPlatform = ({ config }: Pick<Image, 'config'>, wanted: Platform, name: string): SlipwayError =>
  new SlipwayError(
    'not-found',
    `image with reference ${name} was found but its platform (${formatPlatform(config)}) does not match the specified platform (${formatPlatform(wanted)})`,
  )

export const indexesOf = ({ manifests }: Image): readonly Descriptor[] =>
  manifests.filter(({ mediaType }) => isIndex(mediaType))

/** The index that all the images came from; undefined when there is none. */
export const commonIndex = ([first, ...others]: readonly Image[]): Descriptor | undefined =>
  first === undefined
    ? undefined
    : indexesOf(first).find(({ digest }) =>
        others.every((other) => indexesOf(other).some((index) => index.digest === digest)),
      )

/** The image itself, or one that came from the same index, for the platform; undefined when none of them is here. */
export const siblingFor = async (store: ImageStore, image: Image, wanted: Platform): Promise<Image | undefined> => {
  if (isFor(image, wanted)) return image
  return (await store.list()).find((other) => isFor(other, wanted) && commonIndex([image, other]) !== undefined)
}

/** The image of a name, or the one for `platform` that came with it. Throws not-found in docker's words. */
export const imageFor = async (store: ImageStore, name: string, platform: Platform | undefined): Promise<Image> => {
  const named = await store.resolve(name)
  if (platform === undefined) return named
  const found = await siblingFor(store, named, platform)
  if (found === undefined) throw otherPlatform(named, platform, name)
  return found
}
