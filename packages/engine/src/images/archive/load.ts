import {
  type Bytes,
  type Descriptor,
  type Digest,
  familiarName,
  type Lease,
  type Manifest,
  mediaTypes,
  type Platform,
  type Reference,
} from '@slipway/core'
import type { CompressionFormat } from '@slipway/store'
import { readSmall } from '@slipway/transfer'
import { formatOf } from '../adopt-layer.ts'
import { keepAttestations } from '../attestations.ts'
import { isFor, otherPlatform } from '../platform.ts'
import { counting, countLine, type Report, shortId } from '../progress.ts'
import { type ImageParts, type IncomingLayer, partsOf } from '../read.ts'
import type { LayerBlob } from '../records.ts'
import type { ImageRoom } from '../room.ts'
import type { Image } from '../store.ts'
import { type ArchivedImage, imagesIn } from './contents.ts'
import { type Archive, readArchive } from './read.ts'
import { Speculation } from './speculate.ts'

export interface LoadRequest {
  readonly tar: Bytes
  /** The images for these machines; none: of each index what fits this one, and all that are no index. */
  readonly platforms?: readonly Platform[]
  /** Only say what was loaded. */
  readonly quiet: boolean
  readonly report: Report
  readonly signal: AbortSignal
}

interface Loading extends Omit<LoadRequest, 'tar'> {
  readonly archive: Archive
  readonly lease: Lease
  readonly speculation: Speculation
  readonly drawn: Drawing
}

/** Lines that show how far a layer is. */
interface Drawing {
  readonly count: (diffId: Digest, size: number, read: number) => void
  readonly done: (diffId: Digest, size: number) => void
}

const drawing = ({ quiet, report }: LoadRequest): Drawing => {
  if (quiet) return { count: () => {}, done: () => {} }
  const status = 'Loading layer'
  const counters = new Map<Digest, (read: number) => void>()
  return {
    count(diffId, size, read) {
      const count = counters.get(diffId) ?? counting(report, { id: shortId(diffId), status, total: size })
      counters.set(diffId, count)
      count(read)
    },
    done: (diffId, size) => report(countLine(shortId(diffId), status, { current: size, total: size })),
  }
}

/**
 * `docker load`: the images of an archive, made by docker (old and new), podman, skopeo, or as an OCI layout. Each is
 * named when all of it is here and verified. Throws invalid; the images before the bad one stay.
 */
export const loadImages = async (room: ImageRoom, request: LoadRequest): Promise<void> => {
  const { tar, platforms = [], signal } = request
  try {
    await using lease = room.store.leases.take('load')
    const drawn = drawing(request)
    await using speculation = new Speculation(room.store, { signal, onProgress: drawn.count })
    const archive = await readArchive(room, tar, { lease, signal, share: (file) => speculation.share(file) })
    const loading = { ...request, archive, lease, speculation, drawn }
    const found = await Promise.all((await imagesIn(archive, platforms)).map((each) => openArchived(archive, each)))
    const chosen = chosenFor(found, platforms)
    for (const each of chosen) await loadOne(room, each, { ...loading, isCompanion: isCompanionIn(chosen, each) })
  } finally {
    // What no image needs is not kept.
    await room.collector.collect()
  }
}

interface OpenedImage {
  readonly found: ArchivedImage
  readonly parts: ImageParts
}

const openArchived = async (archive: Archive, found: ArchivedImage): Promise<OpenedImage> => {
  const manifest: Manifest = { schemaVersion: 2, config: found.config, layers: found.layers }
  const parts = partsOf(found.manifest ?? found.config, manifest, await readSmall(archive, found.config))
  return { found, parts }
}

/** Throws not-found when none of them is for any of the platforms. */
const chosenFor = (images: readonly OpenedImage[], platforms: readonly Platform[]): readonly OpenedImage[] => {
  if (platforms.length === 0) return images
  const chosen = images.filter(({ parts }) => platforms.some((platform) => isFor(parts, platform)))
  const [first, [wanted]] = [images[0], platforms]
  if (chosen.length > 0 || first === undefined || wanted === undefined) return withNames(chosen, images)
  const [name] = first.found.references
  throw otherPlatform(first.parts, wanted, name === undefined ? first.found.config.digest : familiarName(name))
}

/** The name of an index is that of the first image of it. */
const withNames = (chosen: readonly OpenedImage[], all: readonly OpenedImage[]): readonly OpenedImage[] =>
  chosen.map((each, place) => {
    const isSister = ({ found }: OpenedImage): boolean =>
      found.index !== undefined && found.index.digest === each.found.index?.digest
    if (each.found.references.length > 0 || chosen.slice(0, place).some(isSister)) return each
    return {
      ...each,
      found: { ...each.found, references: all.filter(isSister).flatMap(({ found }) => found.references) },
    }
  })

/** Whether it is known by the name of another one: the same for another machine. */
const isCompanionIn = (chosen: readonly OpenedImage[], { found }: OpenedImage): boolean =>
  found.references.length === 0 &&
  found.index !== undefined &&
  chosen.some(({ found: other }) => other.references.length > 0 && other.index?.digest === found.index?.digest)

const loadOne = async (
  room: ImageRoom,
  { found, parts }: OpenedImage,
  loading: Loading & { readonly isCompanion: boolean },
): Promise<void> => {
  const { archive, lease, report, signal } = loading
  const { store } = room
  const kept: LayerBlob[] = []
  for (const layer of parts.layers) {
    const blob = await unpack(room, layer, loading)
    if (blob !== undefined) kept.push({ diffId: layer.diffId, blob })
  }
  const image = await store.create({ config: parts.config, configBytes: parts.configBytes, lease })
  await store.rememberLayerBlobs(kept)
  if (found.manifest !== undefined && kept.length === parts.layers.length) {
    await store.rememberManifest(image.id, found.manifest)
    if (found.index !== undefined) {
      const { manifest, index } = found
      await store.rememberManifest(image.id, index)
      await keepAttestations(room, archive, { id: image.id, manifest, index, lease, signal })
    }
  }
  for (const reference of found.references) await name(room, reference, image, report)
  if (loading.isCompanion) return
  if (found.references.length === 0) report({ stream: `Loaded image ID: ${image.id}\n` })
  store.publish('load', image.id, image.id)
}

const name = async ({ store }: ImageRoom, reference: Reference, image: Image, report: Report): Promise<void> => {
  const before = store.byReference(reference)
  const shown = familiarName(reference)
  if (before !== undefined && before.id !== image.id) {
    report({
      stream: `The image ${shown} already exists, renaming the old one with ID ${before.id} to empty string\n`,
    })
  }
  await store.name(reference, image.id)
  report({ stream: `Loaded image: ${shown}\n` })
}

const layerTypes: Partial<Record<CompressionFormat, string>> = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
}

/** Makes a layer's snapshot, unless it is here. Returns the blob to be kept: nobody could make the same tar again. */
const unpack = async (
  room: ImageRoom,
  { blob, chainId, diffId, parent }: IncomingLayer,
  { archive, lease, speculation, drawn, signal }: Loading,
): Promise<Descriptor | undefined> => {
  const { content, snapshots } = room.store
  lease.hold({ kind: 'snapshot', name: chainId })
  await room.collector.idle()
  const file = archive.find(blob.digest)
  const isHere = (await snapshots.stat(chainId)) !== undefined
  // An archive may leave out what it thinks is here.
  if (file === undefined && isHere) return undefined
  if (file === undefined) return void archive.file(blob.digest)
  const path = content.pathOf(file.digest)
  if (!isHere) {
    const place = { diffId, chainId, parent }
    if (!(await speculation.commit(file.digest, place))) {
      let read = 0
      const onProgress = (bytes: number): void => {
        read += bytes
        drawn.count(diffId, file.size, read)
      }
      await snapshots.apply({ path }, chainId, parent, { expected: diffId, signal, onProgress })
    }
    drawn.done(diffId, file.size)
  }
  const kind = layerTypes[await formatOf(path)]
  return kind === undefined ? undefined : { mediaType: kind, digest: file.digest, size: file.size }
}
