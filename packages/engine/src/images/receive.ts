import type {
  Bytes,
  ContentStore,
  CopyProgress,
  Descriptor,
  Digest,
  ImageTarget,
  Lease,
  Reference,
} from '@slipway/core'
import { counting, line, type Report, shortId } from './progress.ts'
import type { ImageParts, IncomingLayer } from './read.ts'
import type { ImageStore } from './store.ts'

export interface ReceiverOptions {
  readonly store: ImageStore
  readonly parts: ImageParts
  /** The layers that are unpacked here already. */
  readonly present: ReadonlySet<IncomingLayer>
  readonly lease: Lease
  readonly report: Report
  readonly signal: AbortSignal
}

/** Writes content under its digest, unless another pull has just done so. A write that was cut off is begun anew. */
export const storeBlob = async (
  content: ContentStore,
  { digest, size }: Descriptor,
  bytes: Bytes,
  onWritten: () => void = () => {},
): Promise<void> => {
  await using ingest = await content.ingest(`blob ${digest}`)
  if ((await content.stat(digest)) !== undefined) return ingest.discard()
  try {
    await ingest.write(without(bytes, ingest.offset))
    onWritten()
    await ingest.commit({ digest, size })
  } catch (error) {
    await ingest.discard()
    throw error
  }
}

/** The bytes after the first `count`, which a process that died has written already; commit verifies the whole. */
async function* without(bytes: Bytes, count: number): AsyncGenerator<Uint8Array> {
  let skipped = 0
  for await (const chunk of bytes) {
    const rest = chunk.subarray(Math.min(chunk.length, count - skipped))
    skipped += chunk.length - rest.length
    if (rest.length > 0) yield rest
  }
}

/**
 * Where copyImage puts an image that comes in: blobs go into the content store, and `unpack()`, which runs beside it, makes
 * snapshots of the layers as they come, from the bottom up, while others are still on their way.
 */
export class ImageReceiver implements ImageTarget {
  readonly #options: ReceiverOptions
  /** Resolved when the layer's blob is here and verified. */
  readonly #arrivals = new Map<Digest, PromiseWithResolvers<void>>()
  readonly #counters = new Map<Digest, (current: number) => void>()

  constructor(options: ReceiverOptions) {
    this.#options = options
    const { signal, parts } = options
    for (const { blob } of parts.layers) {
      const arrival = Promise.withResolvers<void>()
      arrival.promise.catch(() => {})
      this.#arrivals.set(blob.digest, arrival)
    }
    const abort = (): void => {
      for (const { reject } of this.#arrivals.values()) reject(signal.reason)
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  }

  /** Whether every place of the stack where the blob stands is filled: an empty layer often stands in several. */
  #isUnpacked(digest: Digest): boolean {
    const { parts, present } = this.#options
    return parts.layers.every((layer) => layer.blob.digest !== digest || present.has(layer))
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    const isLayer = this.#arrivals.has(digest)
    if (isLayer && this.#isUnpacked(digest)) return true
    if ((await this.#options.store.content.stat(digest)) === undefined) return false
    if (isLayer) this.#arrived(digest)
    return true
  }

  async push(target: Descriptor, bytes: Bytes): Promise<void> {
    const { store, lease, report } = this.#options
    const isLayer = this.#arrivals.has(target.digest)
    lease.hold({ kind: 'content', name: target.digest })
    await storeBlob(store.content, target, bytes, () => {
      if (isLayer) report(line(shortId(target.digest), 'Verifying Checksum'))
    })
    if (isLayer) this.#arrived(target.digest)
  }

  #arrived(digest: Digest): void {
    this.#options.report(line(shortId(digest), 'Download complete'))
    this.#arrivals.get(digest)?.resolve()
  }

  /** Nothing to do: the caller names the image when it is made. */
  async tag(_reference: Reference, _target: Descriptor): Promise<void> {}

  /** Draws the download of a layer. */
  readonly onProgress = ({ descriptor: { digest, size }, state, bytes }: CopyProgress): void => {
    if (state !== 'copying' || !this.#arrivals.has(digest)) return
    const count =
      this.#counters.get(digest) ??
      counting(this.#options.report, { id: shortId(digest), status: 'Downloading', total: size })
    this.#counters.set(digest, count)
    count(bytes)
  }

  /** Returns when every layer is a snapshot; throws when one can't be, or on abort. */
  async unpack(): Promise<void> {
    const { parts, present, report } = this.#options
    for (const layer of parts.layers) {
      if (present.has(layer)) continue
      await this.#arrivals.get(layer.blob.digest)?.promise
      await this.#apply(layer)
      report(line(shortId(layer.blob.digest), 'Pull complete'))
    }
  }

  async #apply({ blob, diffId, chainId, parent }: IncomingLayer): Promise<void> {
    const { store, signal, report } = this.#options
    const count = counting(report, { id: shortId(blob.digest), status: 'Extracting', total: blob.size })
    let read = 0
    const onProgress = (bytes: number): void => {
      read += bytes
      count(read)
    }
    const file = { path: store.content.pathOf(blob.digest) }
    await store.snapshots.apply(file, chainId, parent, { expected: diffId, signal, onProgress })
  }
}
