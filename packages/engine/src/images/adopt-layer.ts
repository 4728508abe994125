import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { type Bytes, type Descriptor, invalid, type Lease, mediaTypes } from '@slipway/core'
import {
  type CompressionFormat,
  decompressStream,
  detectCompression,
  type Hashed,
  magicLength,
  peek,
  writeHashed,
} from '@slipway/store'
import { fanOut } from './fan-out.ts'
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
  const { content } = room.store
  const path = content.scratchPath()
  try {
    const { unpacked, written } = await unpackAndWrite(room, tar, { path, signal })
    await using layer = unpacked
    const { diffId } = layer
    const blob = await keptBlob(path, written, signal)
    lease.hold({ kind: 'content', name: blob.digest })
    lease.hold({ kind: 'snapshot', name: diffId })
    await room.collector.idle()
    await content.adopt(path, blob)
    await layer.commit(diffId, undefined)
    return { diffId, blob }
  } finally {
    await rm(path, { force: true })
  }
}

interface Writing {
  readonly path: string
  readonly signal: AbortSignal | undefined
}

/** Both at once, as the bytes come. */
const unpackAndWrite = async (room: ImageRoom, tar: Bytes, { path, signal }: Writing) => {
  const { first, all } = await peek(tar, magicLength)
  const [toUnpack, toWrite] = fanOut(all)
  const writing = writeHashed(path, toWrite, { signal })
  const isPlain = detectCompression(first) === 'none'
  const hashed = writing.then(({ digest }) => digest)
  // What went wrong is told by `writing`; the unpacking may end before it asks for the digest.
  hashed.catch(() => undefined)
  const unpacking = room.store.snapshots.unpack(
    { bytes: toUnpack },
    { ...(signal ? { signal } : {}), ...(isPlain ? { hashed } : {}) },
  )
  unpacking.then(toUnpack.leave, toUnpack.leave)
  writing.then(toWrite.leave, toWrite.leave)
  const [unpacked, written] = await Promise.allSettled([unpacking, writing])
  if (unpacked.status === 'fulfilled' && written.status === 'fulfilled' && written.value.size > 0) {
    return { unpacked: unpacked.value, written: written.value }
  }
  if (unpacked.status === 'fulfilled') await unpacked.value[Symbol.asyncDispose]()
  if (written.status === 'fulfilled' && written.value.size === 0) throw invalid('the archive is empty')
  // What is no tar is told by the one who reads it as such.
  throw unpacked.status === 'rejected' ? unpacked.reason : (written as PromiseRejectedResult).reason
}

/** The file at `path` as it is kept: without a compression that no registry takes. */
const keptBlob = async (path: string, written: Hashed, signal: AbortSignal | undefined): Promise<Descriptor> => {
  const mediaType = keptAs[await formatOf(path)]
  if (mediaType !== undefined) return { mediaType, ...written }
  const packed = `${path}.packed`
  await rename(path, packed)
  try {
    return {
      mediaType: mediaTypes.ociLayer,
      ...(await writeHashed(path, decompressStream(createReadStream(packed)), { signal })),
    }
  } finally {
    await rm(packed, { force: true })
  }
}
