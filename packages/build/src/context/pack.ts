import { createHash, type Hash, randomBytes } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { invalid } from '@slipway/core'

/** Where a content was put. */
export interface Packed {
  readonly pack: string
  readonly start: number
  /** SHA-256. */
  readonly hash: string
}

interface File {
  readonly size: number
  readonly hash: Hash
  readonly parts: Uint8Array[]
  length: number
  /** A big file has a pack of its own. */
  own?: Writing
}

interface Writing {
  readonly name: string
  /** Once something was written. */
  handle?: FileHandle
  /** With what waits. */
  length: number
  /** What waits, in front. */
  piece?: Buffer
  filled: number
}

/** Files up to this size lie one behind the other in one pack, and wait in memory until they are whole. */
const smallBytes = 1 << 20
/** What is written at once. */
const pieceBytes = 1 << 20
/** Pieces kept for the next one. */
const mostSpare = 4

/**
 * Takes the contents of files that come piece by piece, mixed, and writes them to as few files as possible, in large pieces. They
 * are not brought to the disk: see `ReceivedContexts`.
 */
export class PackWriter implements AsyncDisposable {
  readonly #directory: string
  readonly #files = new Map<number, File>()
  readonly #opened: Writing[] = []
  #shared: Writing | undefined
  /**
   * What comes is copied together: kept as it came, thousands of small buffers would outlive their time, and to clear them away
   * would take longer than all the rest.
   */
  readonly #spare: Buffer[] = []
  /** All that was to be written so far; once something has failed, so does the rest. */
  #queue: Promise<void> = Promise.resolve()

  constructor(directory: string) {
    this.#directory = directory
  }

  begin(id: number, size: number): void {
    this.#files.set(id, { size, hash: createHash('sha256'), parts: [], length: 0 })
  }

  /** A promise is to be waited for: the disk is slower than the client. */
  data(id: number, bytes: Uint8Array): Promise<void> | undefined {
    const file = this.#find(id)
    file.hash.update(bytes)
    file.length += bytes.length
    if (file.length > file.size) throw invalid('a file of the context grew while it was sent')
    if (file.size > smallBytes) {
      file.own ??= this.#begin()
      return this.#append(file.own, bytes)
    }
    file.parts.push(bytes)
    return undefined
  }

  /** The file is whole. */
  end(id: number): Packed {
    const file = this.#find(id)
    this.#files.delete(id)
    if (file.length !== file.size) throw invalid('a file of the context shrank while it was sent')
    const hash = file.hash.digest('hex')
    if (file.own !== undefined) {
      this.#flush(file.own)
      return { pack: file.own.name, start: 0, hash }
    }
    this.#shared ??= this.#begin()
    const start = this.#shared.length
    for (const part of file.parts) void this.#append(this.#shared, part)?.catch(() => undefined)
    return { pack: this.#shared.name, start, hash }
  }

  /** Everything is written. */
  async finish(): Promise<void> {
    if (this.#files.size > 0) throw invalid('files of the context were not sent')
    for (const writing of this.#opened) this.#flush(writing)
    await this.#queue
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.catch(() => undefined)
    for (const { handle } of this.#opened) await handle?.close()
  }

  #find(id: number): File {
    const file = this.#files.get(id)
    if (file === undefined) throw invalid(`nobody asked for file ${id} of the context`)
    return file
  }

  #begin(): Writing {
    const name = `pack-${randomBytes(12).toString('hex')}`
    const writing: Writing = { name, length: 0, filled: 0 }
    this.#opened.push(writing)
    return writing
  }

  /** While one piece is written the next one is gathered; the promise is that of the pieces before. */
  #append(writing: Writing, bytes: Uint8Array): Promise<void> | undefined {
    let before: Promise<void> | undefined
    for (let at = 0; at < bytes.length; ) {
      writing.piece ??= this.#spare.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
      const part = bytes.subarray(at, at + pieceBytes - writing.filled)
      writing.piece.set(part, writing.filled)
      writing.filled += part.length
      at += part.length
      if (writing.filled < pieceBytes) continue
      before = this.#queue
      this.#flush(writing)
    }
    writing.length += bytes.length
    return before
  }

  #flush(writing: Writing): void {
    const { piece, filled } = writing
    if (piece === undefined || filled === 0) return
    delete writing.piece
    writing.filled = 0
    this.#queue = this.#queue.then(async () => {
      await this.#write(writing, piece.subarray(0, filled))
      if (this.#spare.length < mostSpare) this.#spare.push(piece)
    })
    // Told to who appends next, or finishes.
    this.#queue.catch(() => undefined)
  }

  async #write(writing: Writing, bytes: Uint8Array): Promise<void> {
    writing.handle ??= await open(join(this.#directory, writing.name), 'wx', 0o600)
    for (let at = 0; at < bytes.length; ) at += (await writing.handle.write(bytes, at)).bytesWritten
  }
}
