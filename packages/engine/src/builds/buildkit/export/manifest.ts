import {
  chainIds,
  compressionOf,
  createLimiter,
  type Descriptor,
  type Digest,
  digestOf,
  type ImageConfig,
  type Lease,
  type Manifest,
  mediaTypes,
  type Platform,
} from '@slipway/core'
import type { Making } from '../../../images/layer-blob.ts'
import { layerBlobAs } from '../../../images/layer-form.ts'
import { storeBlob } from '../../../images/receive.ts'
import type { ImageRoom } from '../../../images/room.ts'
import { annotationsFor } from './annotations.ts'
import type { ImageForm } from './attributes.ts'

/** An image as it goes out: all of it is in the content store, and held. */
export interface FormedImage {
  readonly id: Digest
  readonly descriptor: Descriptor
  readonly manifest: Manifest
}

const layerTypes = {
  oci: { none: mediaTypes.ociLayer, gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd },
  docker: { none: mediaTypes.dockerLayer, gzip: mediaTypes.dockerLayerGzip, zstd: mediaTypes.dockerLayerZstd },
} as const

const imageTypes = {
  oci: { manifest: mediaTypes.ociManifest, config: mediaTypes.ociConfig },
  docker: { manifest: mediaTypes.dockerManifest, config: mediaTypes.dockerConfig },
} as const

/** As many as are compressed at once for a push. */
const madeAtOnce = 2

const formLayers = async (
  room: ImageRoom,
  { rootfs }: ImageConfig,
  { layers: form }: ImageForm,
  making: Making,
): Promise<readonly Descriptor[]> => {
  const limit = createLimiter(madeAtOnce)
  const chain = chainIds(rootfs.diff_ids)
  const top = chain.at(-1)
  if (top !== undefined) making.lease.hold({ kind: 'snapshot', name: top })
  await room.collector.idle()
  const made = new Map<Digest, Promise<Descriptor>>()
  for (const [place, chainId] of chain.entries()) {
    const diffId = rootfs.diff_ids[place] ?? chainId
    if (made.has(diffId)) continue
    const job = limit(() => layerBlobAs(room, { diffId, chainId }, form, making))
    job.catch(() => undefined)
    made.set(diffId, job)
  }
  await Promise.allSettled(made.values())
  return Promise.all(rootfs.diff_ids.map((diffId) => made.get(diffId) as Promise<Descriptor>))
}

const platformOf = ({ os, architecture, variant }: ImageConfig): Platform => ({
  architecture,
  os,
  ...(variant === undefined ? {} : { variant }),
})

/** A time as the annotation has it: without parts of a second. */
const createdAt = ({ created = '' }: ImageConfig): Readonly<Record<string, string>> => {
  const time = new Date(created)
  return Number.isNaN(time.getTime())
    ? {}
    : { 'org.opencontainers.image.created': time.toISOString().replace(/\.\d+Z$/, 'Z') }
}

const keep = async ({ store }: ImageRoom, lease: Lease, mediaType: string, value: unknown): Promise<Descriptor> => {
  const bytes = Buffer.from(JSON.stringify(value))
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
  lease.hold({ kind: 'content', name: descriptor.digest })
  await storeBlob(store.content, descriptor, [bytes])
  return descriptor
}

/** Makes an image's layers and its manifest in the form that is asked for. Nothing remembers them once the lease has ended. */
export const formImage = async (
  room: ImageRoom,
  config: ImageConfig,
  form: ImageForm & { readonly types: 'oci' | 'docker' },
  making: Making,
): Promise<FormedImage> => {
  const { types, annotations } = form
  const platform = platformOf(config)
  const own = annotationsFor(annotations, 'manifest', platform)
  const layers = await formLayers(room, config, form, making)
  const configured = await keep(room, making.lease, imageTypes[types].config, config)
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: imageTypes[types].manifest,
    config: configured,
    layers: layers.map(({ mediaType, digest, size }) => ({
      mediaType: layerTypes[types][compressionOf(mediaType)],
      digest,
      size,
    })),
    ...(own === undefined ? {} : { annotations: own }),
  }
  const kept = await keep(room, making.lease, imageTypes[types].manifest, manifest)
  const described = { ...annotationsFor(annotations, 'manifest-descriptor', platform), ...createdAt(config) }
  const more = Object.keys(described).length === 0 ? {} : { annotations: described }
  return { id: configured.digest, manifest, descriptor: { ...kept, ...more, platform } }
}
