import type { Readable } from 'node:stream'
import type { ByteRange, Ingest } from '@slipway/core'

/** Bytes as they lie in the storage. */
export interface StoredObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly storedAt: Date
}

/**
 * Where the bytes of blobs are, by key: a file system, or a bucket. Which blob they are, the metadata knows: a blob's row
 * names its key.
 *
 * A key is new for each upload and is never written again. So nobody can be harmed by a deletion that comes late: a blob
 * that was collected and pushed anew has another key. And an object that no row names is nobody's, once it is old enough
 * for its upload to be over: that is how what a crash left between storage and metadata is found.
 *
 * The life of an object: `ingest(id)` takes its bytes, in one request or in many, also after a restart; `commit()` makes
 * them the object `objectKey(id)`, durable when it returns; `delete()` ends it.
 */
export interface BlobStorage extends AsyncDisposable {
  /** Makes ready what it needs, and clears up after a process that died; where others write too, only what is surely nobody's. */
  prepare(): Promise<void>
  /**
   * Opens the write of the upload `id`, or takes it up again where it stopped. One writer at a time: a second call waits
   * until the first has been disposed of. Committing makes `objectKey(id)`. A piece that is written is good until the next
   * one is asked for: its memory is used again, or gone.
   */
  ingest(id: string): Promise<Ingest>
  /** The writes that were begun and neither committed nor discarded. */
  ingests(): AsyncIterable<{ readonly ref: string; readonly offset: number; readonly updatedAt: Date }>
  stat(key: string): Promise<StoredObject | undefined>
  /** Throws not-found. */
  read(key: string, range?: ByteRange): Promise<Readable>
  /** What isn't there is deleted already. */
  delete(key: string): Promise<void>
  /** Everything there is, in no order. */
  list(): AsyncIterable<StoredObject>
}

/** Optional power: the bytes are files, which workers can open and sendfile can send. */
export interface HasObjectFiles {
  pathOf(key: string): string
}

/** Optional power: a client can be sent elsewhere for the bytes. */
export interface HasObjectRedirects {
  redirectFor(key: string): Promise<URL | undefined>
}

/**
 * Optional power of an ingest: another process can go on with it. What was written is safe for that once `checkpoint()` has
 * returned; before it is used again after a pause, `isCurrent()` says whether nobody else has gone on with it meanwhile.
 */
export interface HasCheckpoint {
  checkpoint(): Promise<void>
  isCurrent(): Promise<boolean>
}

/** Optional power: chunks below this size cost more than they are worth. In bytes. */
export interface HasLeastChunk {
  readonly leastChunk: number
}

/** The key of what the upload `id` (a UUID) is to become. */
export const objectKey = (id: string): string => `objects/${id.slice(0, 2)}/${id}`
