import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { type Bytes, type Compression, finishDigest } from '@slipway/core'
import type { Hashed } from '../content/append.ts'
import { earlySync } from '../content/early-sync.ts'
import { filePieces } from '../content/file-pieces.ts'
import type { ByteSender } from '../workers/byte-channel.ts'
import type { JobContext } from '../workers/job.ts'
import { compressPieces } from './compress.ts'

/** Writes a new file, and tells what came to be in it. It has not reached the disk yet. `sink` gets the same bytes. */
export const writeCompressed = async (
  path: string,
  bytes: Bytes,
  compression: Compression,
  sink?: ByteSender,
): Promise<Hashed> => {
  const hash = createHash('sha256')
  let size = 0
  await using file = await open(path, 'wx')
  const grown = earlySync(file.fd)
  for await (const chunk of compressPieces(bytes, compression)) {
    hash.update(chunk)
    size += chunk.length
    for (let at = 0; at < chunk.length; ) at += writeSync(file.fd, chunk, at)
    grown(size)
    if (sink === undefined) continue
    sink.append(chunk)
    if (sink.full) await sink.ready()
  }
  sink?.end()
  return { digest: finishDigest(hash), size }
}

export interface CompressBlob {
  readonly path: string
  /** Where the compressed bytes go: a new file. */
  readonly to: string
  readonly compression: Compression
  /** Whether the caller reads the compressed bytes as well. */
  readonly isShared?: boolean
}

/** A worker's job: a file's bytes, compressed into another file. */
export const compressBlob = async (
  { path, to, compression, isShared = false }: CompressBlob,
  { signal, progress, sink }: JobContext,
): Promise<Hashed> => {
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of filePieces(path)) {
      signal.throwIfAborted()
      progress(piece.length)
      yield piece
    }
  }
  return writeCompressed(to, pieces(), compression, isShared ? sink : undefined)
}
