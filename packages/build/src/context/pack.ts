import { createHash, type Hash, hash as hashOf, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { invalid } from '@slipway/core'
import { fill, isFull, type PackFile, type Piece, PieceQueue } from './piece-queue.ts'

/** Where a content was put. */
export interface Packed {
  readonly pack: string
  readonly start: number
  /** SHA-256. */
  readonly hash: string
}

interface File {
  readonly size: number
  length: number
  /** When it comes in several parts. */
  hash?: Hash
  /** What has come of a small one. */
  readonly pieces: Piece[]
  /** A big file has a pack of its own. */
  own?: Pack
  /** Once that is known. */
  packed?: Packed
}

interface Pack extends PackFile {
  readonly name: string
  /** Bytes, with those that wait in the piece. */
  length: number
  piece?: Piece | undefined
}

/** Files up to this size lie one behind the other in one pack, and wait in memory until they are whole. */
const smallBytes = 1 << 20

/**
 * Takes the contents of files that come part by part, mixed, and writes them to as few files as possible, in large pieces. They
 * are not brought to the disk: see `ReceivedContexts`.
 */
export class PackWriter implements AsyncDisposable {
  readonly #directory: string
  readonly #files = new Map<number, File>()
  readonly #queue: PieceQueue
  readonly #packs = new Map<string, Pack>()
  #shared: Pack | undefined

  /** `onWritten` is told when more can be read: see `isReadable()`. */
  constructor(directory: string, onWritten: () => void = () => undefined) {
    this.#directory = directory
    this.#queue = new PieceQueue(onWritten)
  }

  /**
   * The first `end` bytes of a pack can be read; else they are brought on their way. One that isn't this writer's is there
   * already.
   */
  isReadable(name: string, end: number): boolean {
    const pack = this.#packs.get(name)
    if (pack === undefined || pack.written >= end) return true
    this.#flush(pack)
    return false
  }

  begin(id: number, size: number): void {
    this.#files.set(id, { size, length: 0, pieces: [] })
  }

  /** The bytes are copied. A promise is to be waited for: the disk is slower than the client. */
  data(id: number, bytes: Uint8Array): Promise<void> | undefined {
    const file = this.#find(id)
    const isWhole = file.length === 0 && bytes.length === file.size
    file.length += bytes.length
    if (file.length > file.size) throw invalid('a file of the context grew while it was sent')
    if (isWhole && file.size <= smallBytes) this.#packWhole(file, bytes)
    else this.#packPart(file, bytes)
    return this.#queue.full()
  }

  /** The file is whole. */
  end(id: number): Packed {
    const file = this.#find(id)
    this.#files.delete(id)
    if (file.length !== file.size) throw invalid('a file of the context shrank while it was sent')
    if (file.packed !== undefined) return file.packed
    const hash = file.hash?.digest('hex') ?? ''
    if (file.own === undefined) return { ...this.#packPieces(file), hash }
    this.#flush(file.own)
    return { pack: file.own.name, start: 0, hash }
  }

  /** Everything is written. */
  async finish(): Promise<void> {
    if (this.#files.size > 0) throw invalid('files of the context were not sent')
    if (this.#shared !== undefined) this.#flush(this.#shared)
    await this.#queue.finish()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue[Symbol.asyncDispose]()
  }

  #find(id: number): File {
    const file = this.#files.get(id)
    if (file === undefined) throw invalid(`nobody asked for file ${id} of the context`)
    return file
  }

  #newPack(): Pack {
    const name = `pack-${randomBytes(12).toString('hex')}`
    const pack = { name, path: join(this.#directory, name), length: 0, written: 0 }
    this.#packs.set(name, pack)
    return pack
  }

  #packWhole(file: File, bytes: Uint8Array): void {
    this.#shared ??= this.#newPack()
    file.packed = { pack: this.#shared.name, start: this.#shared.length, hash: hashOf('sha256', bytes) }
    this.#append(this.#shared, bytes)
  }

  #packPart(file: File, bytes: Uint8Array): void {
    file.hash ??= createHash('sha256')
    file.hash.update(bytes)
    if (file.size > smallBytes) {
      file.own ??= this.#newPack()
      this.#append(file.own, bytes)
      return
    }
    for (let at = 0; at < bytes.length; ) {
      const last = file.pieces.at(-1)
      const piece = last === undefined || isFull(last) ? this.#queue.take() : last
      if (piece !== last) file.pieces.push(piece)
      at += fill(piece, bytes.subarray(at))
    }
  }

  /** The pieces go to the shared pack as they are. */
  #packPieces({ pieces, length }: File): Omit<Packed, 'hash'> {
    this.#shared ??= this.#newPack()
    const shared = this.#shared
    this.#flush(shared)
    const start = shared.length
    shared.length += length
    for (const piece of pieces) this.#queue.write(shared, piece)
    return { pack: shared.name, start }
  }

  #append(pack: Pack, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      pack.piece ??= this.#queue.take()
      at += fill(pack.piece, bytes.subarray(at))
      if (isFull(pack.piece)) this.#flush(pack)
    }
    pack.length += bytes.length
  }

  #flush(pack: Pack): void {
    const { piece } = pack
    pack.piece = undefined
    if (piece !== undefined) this.#queue.write(pack, piece)
  }
}
