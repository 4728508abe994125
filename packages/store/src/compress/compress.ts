import { pipeline, Readable } from 'node:stream'
import { constants, createZstdCompress } from 'node:zlib'
import type { Bytes, Compression } from '@slipway/core'
import { gzipBlocks } from './gzip-blocks.ts'

const chunkSize = 1 << 18

/** 110 MB/s a core. */
const zstdLevel = 3

export interface CompressOptions {
  /** gzip 0–9, default: what is fastest (see `gzipBlocks`); zstd 1–22, default 3. */
  readonly level?: number | undefined
}

const ofReadable = (source: Bytes): Readable =>
  source instanceof Readable ? source : Readable.from(source, { objectMode: false })

/**
 * Compresses in libuv's pool, as it is read; gzip on as many processors as there are. The same bytes always give the same
 * result on the same machine. Destroying the result destroys the source.
 */
export const compressStream = (source: Bytes, compression: Compression, { level }: CompressOptions = {}): Readable => {
  if (compression === 'none') return ofReadable(source)
  if (compression === 'gzip') {
    const stream = Readable.from(gzipBlocks(source, { level }), { objectMode: false, highWaterMark: 1 })
    // A generator that waits for its source can't be ended from here.
    return stream.once('close', () => source instanceof Readable && source.destroy())
  }
  const params = { [constants.ZSTD_c_compressionLevel]: level ?? zstdLevel }
  // Whoever reads the result sees what went wrong.
  return pipeline(ofReadable(source), createZstdCompress({ chunkSize, params }), () => {})
}

/**
 * As `compressStream`, for a reader that has finished with a piece when it asks for the next one, and a source that may use its
 * buffers again.
 */
export const compressPieces = (source: Bytes, compression: Compression, options: CompressOptions = {}): Bytes => {
  if (compression === 'none') return source
  if (compression === 'gzip') return gzipBlocks(source, { ...options, isRead: true })
  return compressStream(owned(source), compression, options)
}

/** Each piece in memory of its own: a stream reads ahead, and would find other bytes in a buffer that is used again. */
async function* owned(source: Bytes): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of source) yield Buffer.from(piece)
}
