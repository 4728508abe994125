import {
  type Bytes,
  type ChainId,
  createLimiter,
  type DiffId,
  type Digest,
  invalid,
  type UnpackedLayer,
} from '@slipway/core'
import { type CompressionFormat, detectCompression, magicLength, peek } from '@slipway/store'
import { fanOut } from '../fan-out.ts'
import type { ImageStore } from '../store.ts'
import { unpackedAtOnce } from '../unpack.ts'

/** Where a tar's header says `ustar` (POSIX.1-1988). */
const ustarAt = 257
const ustar = Buffer.from('ustar')
const enough = 512

/** How what looks like a layer is compressed; undefined for anything else. */
const layerFormat = (first: Buffer): CompressionFormat | undefined => {
  const format = detectCompression(first.subarray(0, magicLength))
  return format !== 'none' || first.subarray(ustarAt, ustarAt + ustar.length).equals(ustar) ? format : undefined
}

interface SpeculationOptions {
  readonly signal: AbortSignal
  /** Told of plain layers only, whose names are their diffIDs: that of another shows at its end. */
  readonly onProgress: (diffId: DiffId, size: number, read: number) => void
}

/** A file of an archive, as it comes. */
export interface Incoming {
  readonly body: Bytes
  readonly size: number
  /** What its name says. */
  readonly promised: Digest | undefined
}

/** The same for whoever keeps it, and tells what it was: one of the two is called, once. */
export interface Shared {
  readonly body: Bytes
  readonly kept: (digest: Digest) => void
  readonly lost: (error: unknown) => void
}

/**
 * Unpacks what looks like a layer while it comes: an archive says at its end only what its files are. What proves to be
 * none, or of no image that is wanted, is taken away when this is disposed of.
 */
export class Speculation implements AsyncDisposable {
  readonly #store: ImageStore
  readonly #options: SpeculationOptions
  readonly #limit = createLimiter(unpackedAtOnce)
  readonly #begun: Promise<UnpackedLayer | undefined>[] = []
  readonly #layers = new Map<Digest, Promise<UnpackedLayer | undefined>>()
  readonly #stop = new AbortController()

  constructor(store: ImageStore, options: SpeculationOptions) {
    this.#store = store
    this.#options = options
  }

  async share({ body, size, promised }: Incoming): Promise<Shared> {
    const nothing = { kept: () => {}, lost: () => {} }
    // What is known as a layer's blob is most likely unpacked already.
    const isKnown = promised !== undefined && (this.#layers.has(promised) || this.#store.isLayerBlob(promised))
    if (isKnown) return { body, ...nothing }
    const { first, all } = await peek(body, enough)
    const format = layerFormat(first)
    if (format === undefined) return { body: all, ...nothing }
    const [toKeep, toUnpack] = fanOut(all)
    const digest = Promise.withResolvers<DiffId>()
    digest.promise.catch(() => {})
    const isPlain = format === 'none'
    const unpacking = this.#unpack(toUnpack, {
      ...(isPlain ? { hashed: digest.promise } : {}),
      ...(isPlain && promised !== undefined ? { onProgress: this.#counter(promised, size) } : {}),
    })
    this.#begun.push(unpacking)
    void unpacking.then(toUnpack.leave)
    return {
      body: toKeep,
      kept: (name) => {
        digest.resolve(name)
        if (!this.#layers.has(name)) this.#layers.set(name, unpacking)
      },
      lost: (error) => {
        digest.reject(error)
        void Promise.all([toKeep.leave(), toUnpack.leave()])
      },
    }
  }

  #counter(diffId: DiffId, size: number): (bytes: number) => void {
    let read = 0
    return (bytes) => {
      read += bytes
      this.#options.onProgress(diffId, size, read)
    }
  }

  async #unpack(bytes: Bytes, options: { hashed?: Promise<DiffId>; onProgress?: (bytes: number) => void }) {
    const signal = AbortSignal.any([this.#options.signal, this.#stop.signal])
    try {
      return await this.#limit(() => this.#store.snapshots.unpack({ bytes }, { signal, ...options }))
    } catch {
      // Whoever wants it as a layer after all unpacks it again, and is told what is wrong with it.
      return undefined
    }
  }

  /** Puts the layer in its place; false when it has not been unpacked. Throws invalid when it is another than expected. */
  async commit(
    digest: Digest,
    place: { diffId: DiffId; chainId: ChainId; parent: ChainId | undefined },
  ): Promise<boolean> {
    const layer = await this.#layers.get(digest)
    if (layer === undefined) return false
    this.#layers.delete(digest)
    await using unpacked = layer
    if (unpacked.diffId !== place.diffId) {
      throw invalid(`layer digest mismatch: expected ${place.diffId}, got ${unpacked.diffId}`)
    }
    await unpacked.commit(place.chainId, place.parent)
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    for (const layer of this.#begun) await (await layer)?.[Symbol.asyncDispose]()
  }
}
