import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { type Bytes, type Descriptor, invalid, type Lease, mediaTypes } from '@slipway/core'
import {
  type CompressionFormat,
  decompressStream,
  describeLayer,
  detectCompression,
  magicLength,
  writeHashed,
} from '@slipway/store'
import type { LayerBlob } from './records.ts'
import type { ImageRoom } from './room.ts'

export const formatOf = async (path: string): Promise<CompressionFormat> => {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(magicLength), 0, magicLength, 0)
  return detectCompression(buffer.subarray(0, bytesRead))
}

/** How each kind of file is kept; what no registry takes is kept unpacked. */
const keptAs: Partial<Record<CompressionFormat, string>> = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.dockerLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
}

/**
 * Takes in a tar of files, compressed or not, as the only layer of an image to come: it is unpacked under its diffID, and
 * its bytes are kept, since no one else could make them again. Throws invalid for what is no tar; nothing stays then.
 */
export const adoptLayer = async (
  room: ImageRoom,
  tar: Bytes,
  { lease, signal }: { readonly lease: Lease; readonly signal?: AbortSignal | undefined },
): Promise<LayerBlob> => {
  const { content, snapshots } = room.store
  const paths = [content.scratchPath(), content.scratchPath()] as const
  try {
    const written = await writeHashed(paths[0], tar, { signal })
    if (written.size === 0) throw invalid('the archive is empty')
    const format = await formatOf(paths[0])
    const isKept = keptAs[format] !== undefined
    const kept = isKept
      ? written
      : await writeHashed(paths[1], decompressStream(createReadStream(paths[0])), { signal })
    const isPlain = format === 'none' || !isKept
    const { diffId } = isPlain ? { diffId: kept.digest } : await describeLayer(paths[0], { signal })
    const blob: Descriptor = { mediaType: keptAs[isKept ? format : 'none'] ?? mediaTypes.ociLayer, ...kept }
    lease.hold({ kind: 'content', name: blob.digest })
    lease.hold({ kind: 'snapshot', name: diffId })
    await room.collector.idle()
    await content.adopt(isKept ? paths[0] : paths[1], kept)
    const file = { path: content.pathOf(blob.digest) }
    await snapshots.apply(file, diffId, undefined, { expected: diffId, ...(signal ? { signal } : {}) })
    return { diffId, blob }
  } finally {
    for (const path of paths) await rm(path, { force: true })
  }
}
