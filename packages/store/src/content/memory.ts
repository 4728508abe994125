import { Readable } from 'node:stream'
import {
  algorithmOf,
  type ByteRange,
  type Bytes,
  type ContentInfo,
  type ContentStore,
  type Digest,
  digestOf,
  type Ingest,
} from '@slipway/core'
import { Turns } from '../turns.ts'
import { noSuchBlob, resolveRange, verifyContent } from './range.ts'

interface Blob {
  readonly bytes: Buffer
  readonly info: ContentInfo
}

interface Staged {
  bytes: Buffer
  updatedAt: Date
}

/** A content store in memory: the double for tests, and for what needs to live no longer than the process. */
export class MemoryContentStore implements ContentStore {
  readonly #blobs = new Map<Digest, Blob>()
  readonly #staged = new Map<string, Staged>()
  readonly #turns = new Turns()

  async stat(digest: Digest): Promise<ContentInfo | undefined> {
    return this.#blobs.get(digest)?.info
  }

  async read(digest: Digest, range?: ByteRange): Promise<Readable> {
    const blob = this.#blobs.get(digest)
    if (blob === undefined) throw noSuchBlob(digest)
    const { start, end } = resolveRange(blob.bytes.length, range)
    return Readable.from(start === end ? [] : [blob.bytes.subarray(start, end)], { objectMode: false })
  }

  async ingest(ref: string): Promise<Ingest> {
    const release = await this.#turns.take(ref)
    const staged = this.#staged.get(ref) ?? { bytes: Buffer.alloc(0), updatedAt: new Date() }
    this.#staged.set(ref, staged)
    const discard = async () => void this.#staged.delete(ref)
    return {
      ref,
      get offset() {
        return staged.bytes.length
      },
      write: (bytes) => append(staged, bytes),
      commit: async (expected) => {
        await discard()
        return this.#add(staged.bytes, expected)
      },
      discard,
      [Symbol.asyncDispose]: async () => release(),
    }
  }

  async delete(digest: Digest): Promise<void> {
    this.#blobs.delete(digest)
  }

  async *list(): AsyncGenerator<ContentInfo, void, void> {
    for (const { info } of [...this.#blobs.values()]) yield info
  }

  async *ingests(): AsyncGenerator<{ ref: string; offset: number; updatedAt: Date }, void, void> {
    for (const [ref, { bytes, updatedAt }] of [...this.#staged]) yield { ref, offset: bytes.length, updatedAt }
  }

  #add(bytes: Buffer, expected: { readonly digest: Digest; readonly size?: number }): ContentInfo {
    const digest = digestOf(bytes, algorithmOf(expected.digest))
    verifyContent({ digest, size: bytes.length }, expected)
    const there = this.#blobs.get(digest)
    if (there !== undefined) return there.info
    const info = { digest, size: bytes.length, createdAt: new Date() }
    this.#blobs.set(digest, { bytes, info })
    return info
  }
}

const append = async (staged: Staged, bytes: Bytes): Promise<number> => {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of bytes) chunks.push(chunk)
  } finally {
    // What came before a failure stays, as it does on disk.
    staged.bytes = Buffer.concat([staged.bytes, ...chunks])
    staged.updatedAt = new Date()
  }
  return staged.bytes.length
}
