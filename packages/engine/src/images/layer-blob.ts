import { rm } from 'node:fs/promises'
import {
  type ChainId,
  compressionOf,
  type Descriptor,
  type DiffId,
  type DiffOptions,
  type Lease,
  mediaTypes,
  SlipwayError,
} from '@slipway/core'
import type { PushCompression } from '@slipway/remote'
import { compressFile } from '@slipway/store'
import type { BlobInTheMaking } from '@slipway/transfer'
import type { ImageRoom } from './room.ts'

export interface WantedLayer {
  readonly diffId: DiffId
  readonly chainId: ChainId
}

export interface Making {
  readonly lease: Lease
  readonly signal?: AbortSignal | undefined
}

export interface Compressing extends Making {
  /** Of what has to be made. */
  readonly compression: PushCompression
  /** Told of a blob that has to be made: gets it while it is. */
  readonly onMaking?: (layer: WantedLayer, blob: BlobInTheMaking) => void
  /** Bytes of the layer's tar that were compressed since the last call. */
  readonly onProgress?: (layer: WantedLayer, bytes: number) => void
}

/** The blobs of a layer that are still in the content store; held from now on. */
export const presentBlobs = async (
  room: ImageRoom,
  diffId: DiffId,
  { lease }: Making,
): Promise<readonly Descriptor[]> => {
  const { store, collector } = room
  const blobs = store.layerBlobs(diffId)
  for (const { digest } of blobs) lease.hold({ kind: 'content', name: digest })
  await collector.idle()
  const found = await Promise.all(blobs.map(async (blob) => ((await store.content.stat(blob.digest)) ? [blob] : [])))
  return found.flat()
}

/**
 * The layer's bytes to be pushed: those it came with, or its files compressed, which gives the same bytes each time and is
 * remembered. Throws internal when the files are not any more what the layer's name says.
 */
export const layerBlobOf = async (room: ImageRoom, layer: WantedLayer, making: Compressing): Promise<Descriptor> => {
  const known = await presentBlobs(room, layer.diffId, making)
  const compressed = known.find(({ mediaType }) => compressionOf(mediaType) !== 'none')
  return compressed ?? compress(room, layer, known[0], making)
}

const compress = async (
  room: ImageRoom,
  layer: WantedLayer,
  plain: Descriptor | undefined,
  making: Compressing,
): Promise<Descriptor> => {
  const { lease, compression, onMaking } = making
  const { content } = room.store
  const path = content.scratchPath()
  const told = Promise.withResolvers<Descriptor>()
  const kept = Promise.withResolvers<void>()
  for (const { promise } of [told, kept]) promise.catch(() => {})
  try {
    const made = await writeBlob(room, layer, plain, {
      ...making,
      path,
      ...(onMaking ? { onBytes: (bytes) => onMaking(layer, { bytes, made: told.promise, kept: kept.promise }) } : {}),
    })
    const blob: Descriptor = { mediaType: layerTypes[compression], ...made }
    lease.hold({ kind: 'content', name: made.digest })
    told.resolve(blob)
    await content.adopt(path, made)
    await room.store.rememberLayerBlobs([{ diffId: layer.diffId, blob }])
    kept.resolve()
    return blob
  } catch (error) {
    told.reject(error)
    kept.reject(error)
    throw error
  } finally {
    await rm(path, { force: true })
  }
}

const layerTypes = { gzip: mediaTypes.dockerLayerGzip, zstd: mediaTypes.ociLayerZstd } as const

interface Writing extends Compressing, Pick<DiffOptions, 'onBytes'> {
  readonly path: string
}

/** From the layer's tar, if it is kept, or else from its files. */
const writeBlob = async (
  { store }: ImageRoom,
  layer: WantedLayer,
  plain: Descriptor | undefined,
  { path, compression, signal, onBytes, onProgress }: Writing,
) => {
  const options = {
    ...(signal ? { signal } : {}),
    ...(onBytes ? { onBytes } : {}),
    ...(onProgress ? { onProgress: (bytes: number) => onProgress(layer, bytes) } : {}),
  }
  if (plain !== undefined) return compressFile(store.content.pathOf(plain.digest), path, compression, options)
  const { diffId, chainId } = layer
  const diff = await store.snapshots.diff(chainId, { to: path, compression, ...options })
  if (diff.diffId === diffId && diff.file !== undefined) return diff.file
  throw new SlipwayError('internal', `layer ${diffId} has changed on disk: its files give ${diff.diffId}`)
}
