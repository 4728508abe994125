import { createHash } from 'node:crypto'
import { type Bytes, type Compression, finishDigest } from '@slipway/core'
import type { Hashed } from '../content/append.ts'
import { BlockFile } from '../content/block-file.ts'
import { filePieces } from '../content/file-pieces.ts'
import type { ByteSender } from '../workers/byte-channel.ts'
import type { JobContext } from '../workers/job.ts'
import { type CompressOptions, compressPieces } from './compress.ts'
import { decompressStream } from './decompress.ts'

/** Bytes of a compressed file that go through the page cache: see `appendBlob`. */
const mostCached = 4 << 20

/**
 * Writes a new file, and tells what came to be in it. It has not reached the disk yet. `sink` gets the same bytes. A plain one is
 * made to be read at once, and stays in the page cache.
 */
export const writeCompressed = async (
  path: string,
  bytes: Bytes,
  compression: Compression,
  sink?: ByteSender,
  options: CompressOptions = {},
): Promise<Hashed> => {
  const hash = createHash('sha256')
  using file = BlockFile.create(path, compression === 'none' ? {} : { mostCached })
  await using behind = file.writeBehind()
  for await (const chunk of compressPieces(bytes, compression, options)) {
    file.append(chunk)
    hash.update(chunk)
    sink?.append(chunk)
    await Promise.all([file.ready(), sink?.full ? sink.ready() : undefined])
  }
  await behind.settle()
  file.finish()
  sink?.end()
  return { digest: finishDigest(hash), size: file.length }
}

export interface CompressBlob {
  readonly path: string
  /** Where the compressed bytes go: a new file. */
  readonly to: string
  readonly compression: Compression
  /** What the file is compressed with already; default: nothing. */
  readonly from?: Compression
  readonly level?: number
  /** Whether the caller reads the compressed bytes as well. */
  readonly isShared?: boolean
}

/** A worker's job: a file's bytes, compressed into another file, or differently. */
export const compressBlob = async (
  { path, to, compression, from = 'none', level, isShared = false }: CompressBlob,
  { signal, progress, sink }: JobContext,
): Promise<Hashed> => {
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of filePieces(path)) {
      signal.throwIfAborted()
      progress(piece.length)
      yield piece
    }
  }
  // A compressor reads ahead, and finds there what was given back meanwhile: not with memory of each piece's own.
  const bytes = from === 'none' ? pieces() : decompressStream(pieces(), { compression: from })
  return writeCompressed(to, bytes, compression, isShared ? sink : undefined, level === undefined ? {} : { level })
}
