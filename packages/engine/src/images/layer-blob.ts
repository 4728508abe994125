import { rm } from 'node:fs/promises'
import {
  type ChainId,
  compressionOf,
  type Descriptor,
  type DiffId,
  type Lease,
  mediaTypes,
  SlipwayError,
} from '@slipway/core'
import type { PushCompression } from '@slipway/remote'
import { compressFile } from '@slipway/store'
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
  { diffId, chainId }: WantedLayer,
  plain: Descriptor | undefined,
  { lease, signal, compression }: Compressing,
): Promise<Descriptor> => {
  const { content } = room.store
  const path = content.scratchPath()
  try {
    const made =
      plain === undefined
        ? await compressSnapshot(room, { diffId, chainId }, { path, signal, compression })
        : await compressFile(content.pathOf(plain.digest), path, compression, { signal })
    lease.hold({ kind: 'content', name: made.digest })
    await content.adopt(path, made)
    const blob: Descriptor = { mediaType: layerTypes[compression], ...made }
    await room.store.rememberLayerBlobs([{ diffId, blob }])
    return blob
  } finally {
    await rm(path, { force: true })
  }
}

const layerTypes = { gzip: mediaTypes.dockerLayerGzip, zstd: mediaTypes.ociLayerZstd } as const

interface Written {
  readonly path: string
  readonly compression: PushCompression
  readonly signal: AbortSignal | undefined
}

const compressSnapshot = async (
  { store }: ImageRoom,
  { diffId, chainId }: WantedLayer,
  { path, compression, signal }: Written,
) => {
  const diff = await store.snapshots.diff(chainId, { to: path, compression, ...(signal ? { signal } : {}) })
  if (diff.diffId === diffId && diff.file !== undefined) return diff.file
  throw new SlipwayError('internal', `layer ${diffId} has changed on disk: its files give ${diff.diffId}`)
}
