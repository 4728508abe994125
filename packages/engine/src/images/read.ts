import {
  type ChainId,
  chainIds,
  type Descriptor,
  type DiffId,
  type ImageConfig,
  type ImageSource,
  invalid,
  isDigest,
  type Manifest,
  mediaTypes,
  SlipwayError,
} from '@slipway/core'
import { parseManifest, readSmall } from '@slipway/transfer'

/** A layer of an image that is not here yet, or of which it isn't known. */
export interface IncomingLayer {
  readonly blob: Descriptor
  readonly diffId: DiffId
  readonly chainId: ChainId
  readonly parent: ChainId | undefined
}

/** The small parts of an image, read and checked. */
export interface ImageParts {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
  readonly configBytes: Buffer
  /** From the bottom up. */
  readonly layers: readonly IncomingLayer[]
}

const configTypes: readonly string[] = [
  mediaTypes.ociConfig,
  mediaTypes.dockerConfig,
  // Registries that were asked for schema 1 kept configs under these for a while.
  'application/octet-stream',
  'application/json',
  'text/html',
]

/** Throws invalid unless it is a config whose layers are those of the manifest. */
const parseConfig = (bytes: Buffer, manifest: Manifest): ImageConfig => {
  let value: Partial<ImageConfig> | null
  try {
    value = JSON.parse(bytes.toString('utf8')) as Partial<ImageConfig> | null
  } catch (error) {
    throw invalid(`invalid image config ${manifest.config.digest}: it is no JSON`, error)
  }
  const diffIds: unknown = value?.rootfs?.diff_ids
  if (!Array.isArray(diffIds) || !diffIds.every((diffId) => typeof diffId === 'string' && isDigest(diffId))) {
    throw invalid('invalid rootfs in image configuration')
  }
  if (diffIds.length !== manifest.layers.length) {
    throw invalid(`the image config has ${diffIds.length} layers, its manifest ${manifest.layers.length}`)
  }
  return value as ImageConfig
}

/** Puts the config beside its manifest. Throws invalid when they don't fit. */
export const partsOf = (descriptor: Descriptor, manifest: Manifest, configBytes: Buffer): ImageParts => {
  const config = parseConfig(configBytes, manifest)
  const chain = chainIds(config.rootfs.diff_ids)
  const layers = manifest.layers.map((blob, place) => ({
    blob,
    diffId: config.rootfs.diff_ids[place] as DiffId,
    chainId: chain[place] as ChainId,
    parent: chain[place - 1],
  }))
  return { descriptor, manifest, config, configBytes, layers }
}

/** Reads manifest and config of an image. Throws unsupported for what is no container image. */
export const readImage = async (from: ImageSource, descriptor: Descriptor): Promise<ImageParts> => {
  const manifest = parseManifest(await readSmall(from, descriptor), descriptor.digest)
  if (!configTypes.includes(manifest.config.mediaType)) {
    throw new SlipwayError('unsupported', `unsupported media type ${manifest.config.mediaType.slice(0, 200)}`)
  }
  return partsOf(descriptor, manifest, await readSmall(from, manifest.config))
}
