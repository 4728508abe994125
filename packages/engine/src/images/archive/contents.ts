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
  /** The index that names it, where the archive has one. */
  readonly index?: Descriptor
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

/** What the manifests of an archive say that `manifest.json` doesn't. */
type Origin = Pick<ArchivedImage, 'manifest' | 'index'>

/** Of every manifest that is here, also below an index, by the digest of its config. */
const originsByConfig = async (archive: Archive): Promise<ReadonlyMap<Digest, Origin>> => {
  const found = new Map<Digest, Origin>()
  for (const top of topManifests(archive)) {
    if (archive.find(top.digest) === undefined) continue
    for (const descriptor of isIndex(top.mediaType) ? await leavesOf(archive, top) : [top]) {
      if (!isManifest(descriptor.mediaType)) continue
      const { config } = parseManifest(await readSmall(archive, descriptor), descriptor.digest)
      found.set(config.digest, { manifest: bare(descriptor), ...(descriptor === top ? {} : { index: bare(top) }) })
    }
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
  const origins = await originsByConfig(archive)
  const listed = value.map(({ Config, Layers, RepoTags }): ArchivedImage => {
    const config = { mediaType: mediaTypes.dockerConfig, ...archive.file(Config) }
    return {
      config,
      layers: (Layers ?? []).map((name) => ({ mediaType: mediaTypes.ociLayer, ...archive.file(name) })),
      references: (RepoTags ?? []).map((name) => withDefaultTag(parseReference(name))),
      ...origins.get(config.digest),
    }
  })
  return [...listed, ...(await companions(archive, listed))]
}

/** What is here of the indexes that the images came from, for other machines: docker's own file lists one of each index. */
const companions = async (archive: Archive, listed: readonly ArchivedImage[]): Promise<readonly ArchivedImage[]> => {
  const found = new Map(listed.map((image) => [image.config.digest, image]))
  const indexes = new Map(listed.flatMap(({ index }) => (index === undefined ? [] : [[index.digest, index]])))
  for (const index of indexes.values()) {
    for (const leaf of await leavesOf(archive, index)) {
      if (!isManifest(leaf.mediaType)) continue
      const { config, layers } = parseManifest(await readSmall(archive, leaf), leaf.digest)
      const isWhole = [config, ...layers].every(({ digest }) => archive.find(digest) !== undefined)
      if (!isWhole || found.has(config.digest)) continue
      found.set(config.digest, { config, layers, references: [], manifest: bare(leaf), index })
    }
  }
  return [...found.values()].slice(listed.length)
}

/** The name that the annotations give, if it is a whole one: a tag alone says nothing of the repository. */
const referencesOf = ({ annotations = {} }: Descriptor): readonly Reference[] => {
  const name = annotations[imageName] ?? annotations[refName] ?? ''
  if (!/[/:]/.test(name)) return []
  const reference = withDefaultTag(parseReference(name))
  return reference.digest === undefined ? [reference] : []
}

/** The images of an index that are here, each once: an archive need not have all that an index names. */
const leavesOf = async (archive: Archive, top: Descriptor): Promise<readonly Descriptor[]> => {
  const seen = new Set<Digest>()
  const collect = async (index: Descriptor, depth: number): Promise<readonly Descriptor[]> => {
    if (depth === deepest) throw invalid(`index ${top.digest} lies too deep`)
    const { manifests } = parseIndex(await readSmall(archive, index), index.digest)
    const leaves: Descriptor[] = []
    for (const each of manifests) {
      if (seen.has(each.digest) || archive.find(each.digest) === undefined || each.platform?.os === 'unknown') continue
      seen.add(each.digest)
      leaves.push(...(isIndex(each.mediaType) ? await collect(each, depth + 1) : [each]))
    }
    return leaves
  }
  return collect(top, 0)
}

/** Of an index, those that are wanted, the one that is to have its names first: what fits this machine, if there is any. */
const select = async (
  archive: Archive,
  top: Descriptor,
  platforms: readonly Platform[],
): Promise<readonly Descriptor[]> => {
  const leaves = await leavesOf(archive, top)
  if (leaves.length === 0) throw invalid(`invalid archive: it has no image of index ${top.digest}`)
  const chosen = new Set(platforms.map((platform) => selectPlatform(leaves, platform)))
  const isFit = ({ platform }: Descriptor): boolean => platform?.architecture === hostPlatform().architecture
  const wanted = platforms.length === 0 ? leaves : leaves.filter((leaf) => chosen.has(leaf))
  return wanted.toSorted((one, other) => Number(isFit(other)) - Number(isFit(one)))
}

/** As an OCI image layout has it. */
const fromIndex = async (archive: Archive, platforms: readonly Platform[]): Promise<readonly ArchivedImage[]> => {
  const images = new Map<Digest, ArchivedImage>()
  for (const top of topManifests(archive)) {
    const isOfSeveral = isIndex(top.mediaType)
    for (const [place, leaf] of (isOfSeveral ? await select(archive, top, platforms) : [top]).entries()) {
      if (!isManifest(leaf.mediaType)) continue
      const manifest = bare(leaf)
      const { config, layers } = parseManifest(await readSmall(archive, manifest), manifest.digest)
      const references = [...(images.get(manifest.digest)?.references ?? []), ...(place === 0 ? referencesOf(top) : [])]
      const index = isOfSeveral ? { index: bare(top) } : {}
      images.set(manifest.digest, { config, layers, references, manifest, ...index })
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
