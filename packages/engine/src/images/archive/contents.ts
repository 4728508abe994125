import {
  type Descriptor,
  type Digest,
  hostPlatform,
  invalid,
  isIndex,
  isManifest,
  mediaTypes,
  type Platform,
  parseReference,
  type Reference,
  withDefaultTag,
} from '@slipway/core'
import { isDescriptor, parseIndex, parseManifest, readSmall, selectPlatform } from '@slipway/transfer'
import { imageName, type ManifestEntry, refName } from './format.ts'
import type { Archive } from './read.ts'

/** An image that an archive holds. */
export interface ArchivedImage {
  readonly config: Descriptor
  /** From the bottom up. */
  readonly layers: readonly Descriptor[]
  readonly references: readonly Reference[]
  /** Its manifest, where the archive has one. */
  readonly manifest?: Descriptor
}

const deepest = 4
const mostImages = 2000

const isStringList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')

const isEntry = (value: unknown): value is ManifestEntry => {
  const { Config, Layers, RepoTags } = (value ?? {}) as Partial<Record<keyof ManifestEntry, unknown>>
  const isNames = RepoTags === undefined || RepoTags === null || isStringList(RepoTags)
  return typeof Config === 'string' && (Layers === null || isStringList(Layers)) && isNames
}

/** Of every manifest that the index names, by the digest of its config. */
const manifestsByConfig = async (archive: Archive): Promise<ReadonlyMap<Digest, Descriptor>> => {
  const found = new Map<Digest, Descriptor>()
  for (const descriptor of topManifests(archive)) {
    if (!isManifest(descriptor.mediaType) || archive.find(descriptor.digest) === undefined) continue
    const { config } = parseManifest(await readSmall(archive, descriptor), descriptor.digest)
    found.set(config.digest, bare(descriptor))
  }
  return found
}

const bare = ({ mediaType, digest, size }: Descriptor): Descriptor => ({ mediaType, digest, size })

const topManifests = (archive: Archive): readonly Descriptor[] => {
  const { manifests } = (archive.json('index.json') ?? {}) as { readonly manifests?: unknown }
  if (manifests === undefined || manifests === null) return []
  if (!Array.isArray(manifests) || manifests.length > mostImages || !manifests.every(isDescriptor)) {
    throw invalid('invalid archive: index.json is not an index')
  }
  return manifests
}

/** As `manifest.json` has it: docker's own, and that of podman and skopeo. */
const fromManifestFile = async (archive: Archive, value: unknown): Promise<readonly ArchivedImage[]> => {
  if (!Array.isArray(value) || value.length > mostImages || !value.every(isEntry)) {
    throw invalid('invalid archive: manifest.json is not a list of images')
  }
  const manifests = await manifestsByConfig(archive)
  return value.map(({ Config, Layers, RepoTags }) => {
    const config = { mediaType: mediaTypes.dockerConfig, ...archive.file(Config) }
    const manifest = manifests.get(config.digest)
    return {
      config,
      layers: (Layers ?? []).map((name) => ({ mediaType: mediaTypes.ociLayer, ...archive.file(name) })),
      references: (RepoTags ?? []).map((name) => withDefaultTag(parseReference(name))),
      ...(manifest === undefined ? {} : { manifest }),
    }
  })
}

/** The name that the annotations give, if it is a whole one: a tag alone says nothing of the repository. */
const referencesOf = ({ annotations = {} }: Descriptor): readonly Reference[] => {
  const name = annotations[imageName] ?? annotations[refName] ?? ''
  if (!/[/:]/.test(name)) return []
  const reference = withDefaultTag(parseReference(name))
  return reference.digest === undefined ? [reference] : []
}

/** Of an index, what fits the platform: this machine's, if none is named, or else the first image that is there. */
const select = async (archive: Archive, top: Descriptor, platform: Platform | undefined): Promise<Descriptor> => {
  let descriptor = top
  for (let depth = 0; isIndex(descriptor.mediaType); depth += 1) {
    if (depth > deepest) throw invalid(`index ${descriptor.digest} lies too deep`)
    const { manifests } = parseIndex(await readSmall(archive, descriptor), descriptor.digest)
    const here = manifests.filter(({ digest, platform: its }) => archive.find(digest) && its?.os !== 'unknown')
    const fitting = here.filter(({ platform: its }) => its?.architecture === hostPlatform().architecture)
    const [first] = [...fitting, ...here]
    if (first === undefined) throw invalid(`invalid archive: it has no image of index ${descriptor.digest}`)
    descriptor = platform === undefined ? first : selectPlatform(here, platform)
  }
  return descriptor
}

/** As an OCI image layout has it. */
const fromIndex = async (archive: Archive, platforms: readonly Platform[]): Promise<readonly ArchivedImage[]> => {
  const images = new Map<Digest, ArchivedImage>()
  const wanted = platforms.length === 0 ? [undefined] : platforms
  for (const top of topManifests(archive)) {
    for (const platform of isIndex(top.mediaType) ? wanted : [undefined]) {
      const manifest = bare(await select(archive, top, platform))
      if (!isManifest(manifest.mediaType)) continue
      const { config, layers } = parseManifest(await readSmall(archive, manifest), manifest.digest)
      const references = [...(images.get(manifest.digest)?.references ?? []), ...referencesOf(top)]
      images.set(manifest.digest, { config, layers, references, manifest })
    }
  }
  return [...images.values()]
}

/** The images of an archive: docker's, or an OCI layout. Throws invalid for what is neither. */
export const imagesIn = async (
  archive: Archive,
  platforms: readonly Platform[] = [],
): Promise<readonly ArchivedImage[]> => {
  const own = archive.json('manifest.json')
  if (own !== undefined) return fromManifestFile(archive, own)
  if (archive.json('index.json') === undefined) throw invalid('invalid archive: does not contain a manifest.json')
  return fromIndex(archive, platforms)
}
