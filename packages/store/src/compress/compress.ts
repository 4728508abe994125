import { pipeline, Readable, type Transform } from 'node:stream'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import type { Bytes, Compression } from '@slipway/core'

const chunkSize = 1 << 18

/**
 * zlib's header has no time and no name, so the same bytes always give the same gzip. zstd -3 is three times as fast as
 * gzip -6 (110 against 35 MB/s a core).
 */
const compressors: Readonly<Record<Exclude<Compression, 'none'>, (level?: number) => Transform>> = {
  gzip: (level = 6) => createGzip({ level, chunkSize }),
  zstd: (level = 3) => createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level } }),
}

export interface CompressOptions {
  /** gzip 1–9, default 6; zstd 1–22, default 3. */
  readonly level?: number
}

/** Compresses in libuv's pool, as it is read. Destroying the result destroys the source. */
export const compressStream = (source: Bytes, compression: Compression, { level }: CompressOptions = {}): Readable => {
  const readable = source instanceof Readable ? source : Readable.from(source, { objectMode: false })
  if (compression === 'none') return readable
  // Whoever reads the result sees what went wrong.
  return pipeline(readable, compressors[compression](level), () => {})
}
