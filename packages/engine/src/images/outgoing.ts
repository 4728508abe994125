import { Readable } from 'node:stream'
import {
  chainIds,
  compressionOf,
  createLimiter,
  type Descriptor,
  type DiffId,
  type Digest,
  digestOf,
  familiarName,
  type ImageSource,
  isIndex,
  isManifest,
  type Lease,
  type Manifest,
  mediaTypes,
  notFound,
  SlipwayError,
} from '@slipway/core'
import { lentPieces } from '@slipway/store'
import { parseManifest, readSmall } from '@slipway/transfer'
import { type Compressing, layerBlobOf } from './layer-blob.ts'
import { storeBlob } from './receive.ts'
import type { ImageRoom } from './room.ts'
import type { Image, ImageStore } from './store.ts'

/** Bytes: manifests, configs and small layers are collected before they are sent. */
const largestCollected = 8 << 20

/** What is to go out, as copyImage reads it. */
export const localSource = (store: ImageStore): ImageSource => ({
  resolve: async (reference) => {
    throw notFound('reference', familiarName(reference))
  },
  fetch: async ({ digest, size }, range) =>
    range === undefined && size > largestCollected
      ? Readable.from(lentPieces(store.content.pathOf(digest)), { objectMode: true, highWaterMark: 1 })
      : store.content.read(digest, range),
})

export interface Outgoing {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
}

export interface Sending extends Compressing {
  /** Takes each layer as soon as its blob is there. */
  readonly send: (layer: Descriptor, diffId: DiffId) => Promise<void>
}

/**
 * Whether a manifest goes out as it came. One that was pulled does, whatever its layers are. What `load` brought has plain
 * tars in it, which are for the disk, and two or three times as large as what a registry should get.
 */
const goesAsItCame = ({ repoDigests, manifests }: Image, { descriptor, manifest }: Outgoing): boolean =>
  manifest.layers.every(({ mediaType, urls = [] }) => urls.length > 0 || compressionOf(mediaType) !== 'none') ||
  manifests.some(({ mediaType }) => isIndex(mediaType)) ||
  repoDigests.some(({ digest }) => digest === descriptor.digest)

/** The manifest it came with, if all its blobs are still here; else one with compressed layers, the same each time. */
export const outgoingImage = async (room: ImageRoom, image: Image, making: Sending): Promise<Outgoing> => {
  const { store } = room
  const { diff_ids: diffIds } = image.config.rootfs
  making.lease.hold({ kind: 'content', name: image.id })
  for (const descriptor of image.manifests.filter(({ mediaType }) => isManifest(mediaType))) {
    const kept = await readKept(room, descriptor, making.lease)
    if (kept?.manifest.config.digest !== image.id || !goesAsItCame(image, kept)) continue
    for (const [place, layer] of kept.manifest.layers.entries()) {
      await making.send(layer, diffIds[place] ?? layer.digest)
    }
    return kept
  }
  const layers = await makeLayers(room, diffIds, making)
  const config = await store.content.stat(image.id)
  if (config === undefined) throw new SlipwayError('internal', `the config of image ${image.id} is gone`)
  return writeManifest(room, image.id, { layers, configSize: config.size }, making)
}

/** One is compressed while another one waits for the network or the disk; each once, however often it stands in the stack. */
const madeAtOnce = 2

const makeLayers = async (
  room: ImageRoom,
  diffIds: readonly DiffId[],
  making: Sending,
): Promise<readonly Descriptor[]> => {
  const limit = createLimiter(madeAtOnce)
  const stop = new AbortController()
  const signal = making.signal === undefined ? stop.signal : AbortSignal.any([making.signal, stop.signal])
  const jobs = new Map<DiffId, Promise<Descriptor>>()
  for (const [place, chainId] of chainIds(diffIds).entries()) {
    const diffId = diffIds[place] ?? chainId
    if (jobs.has(diffId)) continue
    const job = limit(async () => {
      signal.throwIfAborted()
      const layer = await layerBlobOf(room, { diffId, chainId }, { ...making, signal })
      await making.send(layer, diffId)
      return layer
    })
    job.catch((error: unknown) => stop.abort(error))
    jobs.set(diffId, job)
  }
  await Promise.allSettled(jobs.values())
  stop.signal.throwIfAborted()
  return Promise.all(diffIds.map((diffId) => jobs.get(diffId) as Promise<Descriptor>))
}

/** The manifest and all its layers, if they are here; held from now on. */
export const readKept = async (
  { store, collector }: ImageRoom,
  descriptor: Descriptor,
  lease: Lease,
): Promise<Outgoing | undefined> => {
  lease.hold({ kind: 'content', name: descriptor.digest })
  await collector.idle()
  if ((await store.content.stat(descriptor.digest)) === undefined) return undefined
  const manifest = parseManifest(await readSmall(localSource(store), descriptor), descriptor.digest)
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    lease.hold({ kind: 'content', name: digest })
    if ((await store.content.stat(digest)) === undefined) return undefined
  }
  return { descriptor, manifest }
}

const ociTypes = { none: mediaTypes.ociLayer, gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd } as const

/** Docker's own format knows gzip only; every registry and client takes it. */
const writeManifest = async (
  { store }: ImageRoom,
  id: Digest,
  { layers, configSize }: { readonly layers: readonly Descriptor[]; readonly configSize: number },
  { lease }: Pick<Sending, 'lease'>,
): Promise<Outgoing> => {
  const isDocker = layers.every(({ mediaType }) => compressionOf(mediaType) === 'gzip')
  const layerType = ({ mediaType }: Descriptor): string =>
    isDocker ? mediaTypes.dockerLayerGzip : ociTypes[compressionOf(mediaType)]
  const mediaType = isDocker ? mediaTypes.dockerManifest : mediaTypes.ociManifest
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: isDocker ? mediaTypes.dockerConfig : mediaTypes.ociConfig, size: configSize, digest: id },
    layers: layers.map((layer) => ({ mediaType: layerType(layer), size: layer.size, digest: layer.digest })),
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
  lease.hold({ kind: 'content', name: descriptor.digest })
  await storeBlob(store.content, descriptor, [bytes])
  await store.rememberManifest(id, descriptor)
  return { descriptor, manifest }
}
