import type { Readable } from 'node:stream'
import type { Digest } from './digest.ts'

export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** `start` to `end`, both counted from 0 and both included, as in HTTP. Without `end`: to the last byte. */
export interface ByteRange {
  readonly start: number
  readonly end?: number
}

export interface ContentInfo {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly createdAt: Date
}

/** Reads bytes by their digest. */
export interface ContentSource {
  stat(digest: Digest): Promise<ContentInfo | undefined>
  /** Throws not-found. */
  read(digest: Digest, range?: ByteRange): Promise<Readable>
}

/**
 * Bytes by digest. Nothing is visible before commit; what is visible never changes. What was committed has reached
 * the disk (fsync of the file and of its directory) before `commit()` returns.
 *
 * Deleting is the garbage collector's work alone: everyone else holds a Lease on what is not referenced yet.
 */
export interface ContentStore extends ContentSource {
  /**
   * Opens the write named `ref`, or takes it up again where it stopped: `offset` says how many bytes are there.
   * One writer per ref: a second call waits until the first has been disposed of.
   */
  ingest(ref: string): Promise<Ingest>
  delete(digest: Digest): Promise<void>
  list(): AsyncIterable<ContentInfo>
  /** The writes that were begun and neither committed nor discarded. */
  ingests(): AsyncIterable<{ readonly ref: string; readonly offset: number; readonly updatedAt: Date }>
}

/** A write under way. Disposing closes it and keeps its bytes, so that an upload can go on in a later request. */
export interface Ingest extends AsyncDisposable {
  readonly ref: string
  /** Bytes written so far. */
  readonly offset: number
  /** Appends, and returns the new offset. */
  write(bytes: Bytes): Promise<number>
  /**
   * Makes the bytes visible. Throws invalid, and discards them, if they are not the ones expected.
   * Content that is there already is no error.
   */
  commit(expected: { readonly digest: Digest; readonly size?: number }): Promise<ContentInfo>
  /** Forgets the bytes. */
  discard(): Promise<void>
}

/** Optional power: the bytes are files, which workers can open and sendfile can send. */
export interface HasFiles {
  pathOf(digest: Digest): string
  /** A new name on the store's own file system, for a file that `adopt()` takes in later. Left-overs go at start-up. */
  scratchPath(): string
  /** Moves a finished file, made at `scratchPath()`, into the store. The caller has computed the digest while writing. */
  adopt(path: string, content: { readonly digest: Digest; readonly size: number }): Promise<ContentInfo>
  /** Paths of what lies in the store's directory and is no content, nor about to be. */
  strays(): Promise<readonly string[]>
}
