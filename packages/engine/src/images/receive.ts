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
import { type StackedLayer, unpackLayers } from './unpack.ts'

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
 * snapshots of the layers as they come, while others are still on their way.
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
    const { store, parts, present, signal } = this.#options
    const missing = parts.layers.filter((layer) => !present.has(layer))
    await unpackLayers(
      store,
      missing.map((layer) => this.#stacked(layer)),
      signal,
    )
  }

  #stacked({ blob, diffId, chainId, parent }: IncomingLayer): StackedLayer {
    const { store, report } = this.#options
    const id = shortId(blob.digest)
    const count = counting(report, { id, status: 'Extracting', total: blob.size })
    let read = 0
    return {
      diffId,
      chainId,
      parent,
      arrived: async () => {
        await this.#arrivals.get(blob.digest)?.promise
        return store.content.pathOf(blob.digest)
      },
      onProgress: (bytes) => {
        read += bytes
        count(read)
      },
      onDone: () => report(line(id, 'Pull complete')),
    }
  }
}
