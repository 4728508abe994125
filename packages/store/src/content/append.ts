import { createHash, type Hash } from 'node:crypto'
import { fchmodSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Digest, finishDigest } from '@slipway/core'
import type { JobContext } from '../workers/job.ts'
import { DirectFile } from './direct-file.ts'
import { earlySync } from './early-sync.ts'
import { filePieces } from './file-pieces.ts'
import { readOnly } from './fs-file.ts'

export interface Hashed {
  readonly digest: Digest
  readonly size: number
}

const hashFile = async (path: string, hash: Hash, signal: AbortSignal): Promise<number> => {
  let size = 0
  for await (const chunk of filePieces(path)) {
    signal.throwIfAborted()
    hash.update(chunk)
    size += chunk.length
  }
  return size
}

/** A worker's job: the digest of a file. */
export const hashBlob = async (
  { path, algorithm }: { readonly path: string; readonly algorithm: 'sha256' | 'sha512' },
  { signal }: JobContext,
): Promise<Hashed> => {
  const hash = createHash(algorithm)
  const size = await hashFile(path, hash, signal)
  return { digest: finishDigest(hash, algorithm), size }
}

/** Bytes of a file that go through the page cache: small blobs are read again soon, to be looked at or pushed. */
const mostCached = 4 << 20

export interface AppendBlob {
  readonly path: string
  /** Of what is in the file already. */
  readonly length: number
  /** Whether what is large goes around the page cache: it won't be read soon. */
  readonly isDirect: boolean
}

/**
 * A worker's job: appends the source to a file and hashes on the way. What is in the file already is read again, since a
 * running hash can be kept nowhere (1.3 GB/s against 0.16 for one whose state can be saved). When it returns the file has
 * reached the disk, and nobody may write to it any more. The event loop never waits longer than 11 ms for it.
 */
export const appendBlob = async (
  { path, length, isDirect }: AppendBlob,
  { source, signal }: JobContext,
): Promise<Hashed> => {
  const hash = createHash('sha256')
  let size = length === 0 ? 0 : await hashFile(path, hash, signal)
  await using file: FileHandle = await open(path, 'a')
  using direct = isDirect ? DirectFile.open(path) : undefined
  const grown = earlySync(file.fd)
  for await (const piece of source) {
    const writing = size < mostCached ? undefined : direct?.write(piece, size)
    hash.update(piece)
    for (let at = (await writing) ?? 0; at < piece.length; ) at += writeSync(file.fd, piece, at)
    size += piece.length
    grown(size)
  }
  fchmodSync(file.fd, readOnly)
  await file.sync()
  return { digest: finishDigest(hash), size }
}
