import type {
  Bytes,
  ContentStore,
  CopyProgress,
  Descriptor,
  Digest,
  ImageTarget,
  Lease,
  Reference,
  UnpackedLayer,
} from '@slipway/core'
import { releasing } from '@slipway/store'
import { type Branch, fanOut } from './fan-out.ts'
import { counting, line, type Report, shortId } from './progress.ts'
import type { ImageParts, IncomingLayer } from './read.ts'
import type { ImageStore } from './store.ts'
import { type StackedLayer, unpackLayers } from './unpack.ts'
import { waitTurn } from './wait-turn.ts'

export interface ReceiverOptions {
  readonly store: ImageStore
  readonly parts: ImageParts
  /** The layers that are unpacked here already. */
  readonly present: ReadonlySet<IncomingLayer>
  readonly lease: Lease
  readonly report: Report
  readonly signal: AbortSignal
}

export interface StoreOptions {
  readonly signal?: AbortSignal
  /** Given the bytes, when they are wanted; what it returns is written. */
  readonly tap?: (bytes: Bytes) => Bytes
  readonly onWritten?: () => void
}

/** Writes content under its digest, unless another pull has just done so. A write that was cut off is begun anew. */
export const storeBlob = async (
  content: ContentStore,
  { digest, size }: Descriptor,
  bytes: Bytes,
  { signal, tap = (all) => all, onWritten }: StoreOptions = {},
): Promise<void> => {
  const turn = content.ingest(`blob ${digest}`)
  await using ingest = await waitTurn(turn, (late) => late[Symbol.asyncDispose](), signal)
  // Awaited here: what is returned is awaited when the turn has been given back.
  if ((await content.stat(digest)) !== undefined) return await ingest.discard()
  try {
    await ingest.write(without(tap(bytes), ingest.offset))
    onWritten?.()
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
 * Where copyImage puts an image that comes in: blobs go into the content store, and layers are unpacked from the same
 * stream. `unpack()`, which runs beside it, makes snapshots of them as they are there, while others are still on their way.
 * To be disposed of when both have ended.
 */
export class ImageReceiver implements ImageTarget, AsyncDisposable {
  readonly #options: ReceiverOptions
  /** Resolved when the layer's blob is here and verified. */
  readonly #arrivals = new Map<Digest, PromiseWithResolvers<void>>()
  /** What is unpacked while it comes, before anyone knows whether it is what it should be. */
  readonly #early = new Map<IncomingLayer, Promise<UnpackedLayer>>()
  readonly #counters = new Map<Digest, (current: number) => void>()
  readonly #told = new Set<Digest>()

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
    const { store, lease, signal } = this.#options
    lease.hold({ kind: 'content', name: target.digest })
    if (!this.#arrivals.has(target.digest)) return storeBlob(store.content, target, bytes, { signal })
    const layer = await this.#firstMissing(target.digest)
    const branches: Branch[] = []
    const tap = (all: Bytes): Bytes => {
      const passing = releasing(all)
      if (layer === undefined) return passing
      const [toStore, toUnpack] = fanOut(passing)
      branches.push(toStore)
      this.#begin(layer, toUnpack)
      return toStore
    }
    const onWritten = () => this.#options.report(line(shortId(target.digest), 'Verifying Checksum'))
    try {
      await storeBlob(store.content, target, bytes, { signal, tap, onWritten })
    } catch (error) {
      for (const branch of branches) await branch.leave()
      if (layer !== undefined) await this.#forget(layer)
      throw error
    }
    this.#arrived(target.digest)
  }

  /** The lowest layer of this blob of which there are no files. */
  async #firstMissing(digest: Digest): Promise<IncomingLayer | undefined> {
    const { store, parts } = this.#options
    for (const layer of parts.layers) {
      if (layer.blob.digest === digest && (await store.snapshots.stat(layer.chainId)) === undefined) return layer
    }
    return undefined
  }

  #begin(layer: IncomingLayer, bytes: Branch): void {
    const { store, signal } = this.#options
    const unpacking = store.snapshots.unpack({ bytes }, { expected: layer.diffId, signal })
    unpacking.then(bytes.leave, bytes.leave)
    this.#early.set(layer, unpacking)
  }

  async #forget(layer: IncomingLayer): Promise<void> {
    const unpacking = this.#early.get(layer)
    this.#early.delete(layer)
    const unpacked = await unpacking?.catch(() => undefined)
    await unpacked?.[Symbol.asyncDispose]()
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

  #stacked(layer: IncomingLayer): StackedLayer {
    const { store, report } = this.#options
    const { blob, diffId, chainId, parent } = layer
    const id = shortId(blob.digest)
    const count = counting(report, { id, status: 'Extracting', total: blob.size })
    let read = 0
    return {
      diffId,
      chainId,
      parent,
      arrived: async () => {
        await this.#arrivals.get(blob.digest)?.promise
        const unpacked = await this.#early.get(layer)
        this.#early.delete(layer)
        if (unpacked !== undefined) count(blob.size)
        return unpacked ?? store.content.pathOf(blob.digest)
      },
      fetched: async () => this.#arrivals.get(blob.digest)?.promise,
      onProgress: (bytes) => {
        read += bytes
        count(read)
      },
      onDone: () => {
        if (!this.#told.has(blob.digest)) report(line(id, 'Pull complete'))
        this.#told.add(blob.digest)
      },
    }
  }

  /** Takes away what was unpacked and found no place. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const layer of this.#early.keys()) await this.#forget(layer)
  }
}
