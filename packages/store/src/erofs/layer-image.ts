import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { finishDigest, invalid } from '@slipway/core'
import { BlockFile } from '../content/block-file.ts'
import { encodeHeader, tarEnd } from '../tar/encode.ts'
import { paddingOf, type TarHeader } from '../tar/header.ts'
import type { TarSink } from '../tar/parse.ts'
import { ImageWriter } from './image-writer.ts'
import { finishWritten, mostCached, type WrittenImage } from './write-image.ts'

/** Headers and small files are hashed many at a time: a call for each costs more than its hash. */
const gatheredBytes = 1 << 17

/**
 * A layer's image and the digest of its tar, made by whoever has its entries at hand: the tar itself is never put together. Told
 * of the entries as the tar would have them, which is what has to be waited for in between (see `ready`). For worker threads;
 * left-overs of a failure are the caller's to remove.
 */
export class LayerImage implements TarSink, AsyncDisposable {
  readonly #path: string
  readonly #file: BlockFile
  readonly #behind: ReturnType<BlockFile['writeBehind']>
  readonly #writer: ImageWriter
  readonly #hash = createHash('sha256')
  readonly #gathered = Buffer.allocUnsafeSlow(gatheredBytes)
  #filled = 0
  #size = 0
  #padding = 0
  /** Bytes of the entry's content that are still to come. */
  #left = 0

  /** Throws EEXIST when it is there. */
  constructor(path: string) {
    this.#path = path
    this.#file = BlockFile.create(path, { mostCached })
    this.#writer = new ImageWriter(this.#file)
    this.#behind = this.#file.writeBehind()
  }

  entry(header: TarHeader): void {
    this.#take(encodeHeader(header))
    this.#padding = paddingOf(header.size)
    this.#left = header.size
    this.#writer.entry(header)
  }

  /** Throws invalid when it is more than the header said. */
  data(bytes: Buffer): void {
    this.#left -= bytes.length
    if (this.#left < 0) throw invalid('a file grew while it was put into a layer')
    this.#take(bytes)
    this.#writer.data(bytes)
  }

  /** Throws invalid when it was less. */
  end(): void {
    if (this.#left > 0) throw invalid('a file shrank while it was put into a layer')
    this.#take(tarEnd.subarray(0, this.#padding))
    this.#writer.end()
  }

  /** Undefined: there is room for more. Rejects with what went wrong. */
  ready(): Promise<void> | undefined {
    return this.#file.ready()
  }

  /** After the last entry: the image is whole, and on the disk. */
  async finish(): Promise<WrittenImage> {
    this.#take(tarEnd)
    this.#hashGathered()
    await this.#behind.settle()
    const written = await finishWritten(this.#file, this.#writer, dirname(this.#path))
    return { ...written, diffId: finishDigest(this.#hash), size: this.#size }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#behind[Symbol.asyncDispose]()
    this.#file[Symbol.dispose]()
  }

  #take(bytes: Buffer): void {
    this.#size += bytes.length
    if (this.#filled + bytes.length > gatheredBytes) this.#hashGathered()
    if (bytes.length > gatheredBytes) this.#hash.update(bytes)
    else {
      this.#gathered.set(bytes, this.#filled)
      this.#filled += bytes.length
    }
  }

  #hashGathered(): void {
    this.#hash.update(this.#gathered.subarray(0, this.#filled))
    this.#filled = 0
  }
}
