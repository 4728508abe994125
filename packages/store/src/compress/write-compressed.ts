import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { type Bytes, type Compression, finishDigest } from '@slipway/core'
import type { Hashed } from '../content/append.ts'
import { earlySync } from '../content/early-sync.ts'
import { filePieces } from '../content/file-pieces.ts'
import type { JobContext } from '../workers/job.ts'
import { compressPieces } from './compress.ts'

/** Writes a new file, and tells what came to be in it. It has not reached the disk yet. */
export const writeCompressed = async (path: string, bytes: Bytes, compression: Compression): Promise<Hashed> => {
  const hash = createHash('sha256')
  let size = 0
  await using file = await open(path, 'wx')
  const grown = earlySync(file.fd)
  for await (const chunk of compressPieces(bytes, compression)) {
    hash.update(chunk)
    size += chunk.length
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
    grown(size)
  }
  return { digest: finishDigest(hash), size }
}

export interface CompressBlob {
  readonly path: string
  /** Where the compressed bytes go: a new file. */
  readonly to: string
  readonly compression: Compression
}

/** A worker's job: a file's bytes, compressed into another file. */
export const compressBlob = async (
  { path, to, compression }: CompressBlob,
  { signal, progress }: JobContext,
): Promise<Hashed> => {
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of filePieces(path)) {
      signal.throwIfAborted()
      progress(piece.length)
      yield piece
    }
  }
  return writeCompressed(to, pieces(), compression)
}
