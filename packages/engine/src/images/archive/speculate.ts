import { open } from 'node:fs/promises'
import { type ChainId, createLimiter, type DiffId, type Digest, invalid, type UnpackedLayer } from '@slipway/core'
import { type CompressionFormat, detectCompression, magicLength } from '@slipway/store'
import type { ImageStore } from '../store.ts'
import { unpackedAtOnce } from '../unpack.ts'

/** Where a tar's header says `ustar` (POSIX.1-1988). */
const ustarAt = 257
const ustar = Buffer.from('ustar')

/** How a file that looks like a layer is compressed; undefined for any other. */
const layerFormat = async (path: string): Promise<CompressionFormat | undefined> => {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0)
  const first = buffer.subarray(0, bytesRead)
  const format = detectCompression(first.subarray(0, magicLength))
  return format !== 'none' || first.subarray(ustarAt, ustarAt + 5).equals(ustar) ? format : undefined
}

interface SpeculationOptions {
  readonly signal: AbortSignal
  /** Told of plain layers only: what the diffID of a compressed one is, shows at its end. */
  readonly onProgress: (diffId: DiffId, size: number, read: number) => void
}

/**
 * Unpacks what looks like a layer as soon as it has come: an archive says at its end only what its files are. What proves to be
 * none, or of no image that is wanted, is taken away when this is disposed of.
 */
export class Speculation implements AsyncDisposable {
  readonly #store: ImageStore
  readonly #options: SpeculationOptions
  readonly #limit = createLimiter(unpackedAtOnce)
  readonly #layers = new Map<Digest, Promise<UnpackedLayer | undefined>>()
  readonly #stop = new AbortController()

  constructor(store: ImageStore, options: SpeculationOptions) {
    this.#store = store
    this.#options = options
  }

  begin({ digest, size }: { readonly digest: Digest; readonly size: number }): void {
    // What is known as a layer's blob is most likely unpacked already.
    if (this.#layers.has(digest) || this.#store.isLayerBlob(digest)) return
    this.#layers.set(digest, this.#unpack(digest, size))
  }

  async #unpack(digest: Digest, size: number): Promise<UnpackedLayer | undefined> {
    const path = this.#store.content.pathOf(digest)
    const signal = AbortSignal.any([this.#options.signal, this.#stop.signal])
    let read = 0
    const onProgress = (bytes: number): void => {
      read += bytes
      this.#options.onProgress(digest, size, read)
    }
    try {
      const format = await layerFormat(path)
      if (format === undefined) return undefined
      const drawn = format === 'none' ? { onProgress } : {}
      return await this.#limit(() => this.#store.snapshots.unpack({ path }, { signal, ...drawn }))
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
    for (const layer of this.#layers.values()) await (await layer)?.[Symbol.asyncDispose]()
  }
}
