import { createHash } from 'node:crypto'
import { algorithmOf, type Digest, finishDigest } from '@slipway/core'
import type { BlobStorage } from './storage.ts'

/** Reads an object from end to end and tells whether it is what it is said to be. Throws not-found. */
export const isObjectIntact = async (
  storage: BlobStorage,
  { key, digest, signal }: { readonly key: string; readonly digest: Digest; readonly signal?: AbortSignal },
): Promise<boolean> => {
  const algorithm = algorithmOf(digest)
  const hash = createHash(algorithm)
  // In pieces of 256 KiB: other requests wait for the 0.2 ms of one, not for the whole.
  for await (const piece of await storage.read(key)) {
    signal?.throwIfAborted()
    hash.update(piece as Uint8Array)
  }
  return finishDigest(hash, algorithm) === digest
}
