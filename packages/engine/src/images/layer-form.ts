import { rm } from 'node:fs/promises'
import { type Compression, compressionOf, type Descriptor, mediaTypes, SlipwayError } from '@slipway/core'
import { compressFile } from '@slipway/store'
import { layerBlobOf, type Making, presentBlobs, type WantedLayer } from './layer-blob.ts'
import type { ImageRoom } from './room.ts'

/** How somebody wants the layers of an image. */
export interface LayerForm {
  /** Of what has to be made. */
  readonly compression: Compression
  /** As the compressor has it. What is made so isn't remembered: another time it is made anew. */
  readonly level?: number
  /** Also of what is here already, in another form. */
  readonly isForced: boolean
}

const layerTypes = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
} as const

/** What is here already, and will do. */
const fitting = (known: readonly Descriptor[], { compression, level, isForced }: LayerForm): Descriptor | undefined => {
  if (isForced && level !== undefined) return undefined
  const exact = known.find(({ mediaType }) => compressionOf(mediaType) === compression)
  return exact ?? (isForced ? undefined : known.find(({ mediaType }) => compressionOf(mediaType) !== 'none'))
}

/**
 * A layer's bytes in a certain form, in the content store, and held by the lease. A layer that came from elsewhere stays as it
 * came, unless the form is forced upon it. Throws internal when its files are not any more what the layer's name says.
 */
export const layerBlobAs = async (
  room: ImageRoom,
  layer: WantedLayer,
  form: LayerForm,
  making: Making,
): Promise<Descriptor> => {
  const { compression, level } = form
  const known = await presentBlobs(room, layer.diffId, making)
  const found = fitting(known, form)
  if (found !== undefined) return found
  if (known.length === 0 && compression !== 'none' && level === undefined) {
    return layerBlobOf(room, layer, { ...making, compression })
  }
  return convert(room, layer, known, { ...making, form })
}

interface Converting extends Making {
  readonly form: LayerForm
}

const convert = async (
  room: ImageRoom,
  layer: WantedLayer,
  known: readonly Descriptor[],
  { form, lease, signal }: Converting,
): Promise<Descriptor> => {
  const { content } = room.store
  const { compression, level } = form
  const paths: string[] = []
  const scratch = (): string => {
    const path = content.scratchPath()
    paths.push(path)
    return path
  }
  const options = signal === undefined ? {} : { signal }
  const write = async () => {
    const [source] = known
    const tar = source === undefined ? await writeTar(room, layer, scratch(), options) : undefined
    if (tar !== undefined && compression === 'none') return tar
    const path = scratch()
    const from = source === undefined ? 'none' : compressionOf(source.mediaType)
    const input = tar?.path ?? content.pathOf(source?.digest ?? layer.diffId)
    const levelled = level === undefined ? {} : { level }
    return { path, ...(await compressFile(input, path, compression, { ...options, from, ...levelled })) }
  }
  try {
    const { path, digest, size } = await write()
    if (compression === 'none' && digest !== layer.diffId) throw changed(layer, digest)
    lease.hold({ kind: 'content', name: digest })
    await content.adopt(path, { digest, size })
    const blob: Descriptor = { mediaType: layerTypes[compression], digest, size }
    // A plain one is as fast to make as to read, and takes more room than all the others together.
    if (compression !== 'none' && level === undefined) {
      await room.store.rememberLayerBlobs([{ diffId: layer.diffId, blob }])
    }
    return blob
  } finally {
    for (const path of paths) await rm(path, { force: true })
  }
}

const changed = ({ diffId }: WantedLayer, digest: string): SlipwayError =>
  new SlipwayError('internal', `layer ${diffId} has changed on disk: its files give ${digest}`)

/** The layer's tar, made of its files. */
const writeTar = async (
  { store }: ImageRoom,
  layer: WantedLayer,
  path: string,
  options: { readonly signal?: AbortSignal },
) => {
  const { diffId, size } = await store.snapshots.diff(layer.chainId, { to: path, ...options })
  if (diffId !== layer.diffId) throw changed(layer, diffId)
  return { path, digest: diffId, size }
}
