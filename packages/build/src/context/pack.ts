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
  waiting: Uint8Array[]
  waitingBytes: number
}

/** Files up to this size lie one behind the other in one pack, and wait in memory until they are whole. */
const smallBytes = 1 << 20
/** What is written at once. */
const flushBytes = 1 << 20

/**
 * Takes the contents of files that come piece by piece, mixed, and writes them to as few files as possible, in large pieces. They
 * are not brought to the disk: see `ReceivedContexts`.
 */
export class PackWriter implements AsyncDisposable {
  readonly #directory: string
  readonly #files = new Map<number, File>()
  readonly #opened: Writing[] = []
  #shared: Writing | undefined
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
      return this.#append(file.own, [bytes], bytes.length)
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
    void this.#append(this.#shared, file.parts, file.length)?.catch(() => undefined)
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
    const writing: Writing = { name, length: 0, waiting: [], waitingBytes: 0 }
    this.#opened.push(writing)
    return writing
  }

  /** While one piece is written the next one is gathered; the promise is that of the piece before. */
  #append(writing: Writing, parts: readonly Uint8Array[], length: number): Promise<void> | undefined {
    writing.waiting.push(...parts)
    writing.waitingBytes += length
    writing.length += length
    if (writing.waitingBytes < flushBytes) return undefined
    const before = this.#queue
    this.#flush(writing)
    return before
  }

  #flush(writing: Writing): void {
    const { waiting } = writing
    if (waiting.length === 0) return
    writing.waiting = []
    writing.waitingBytes = 0
    this.#queue = this.#queue.then(() => this.#write(writing, waiting))
    // Told to who appends next, or finishes.
    this.#queue.catch(() => undefined)
  }

  async #write(writing: Writing, parts: readonly Uint8Array[]): Promise<void> {
    writing.handle ??= await open(join(this.#directory, writing.name), 'wx', 0o600)
    const { bytesWritten } = await writing.handle.writev(parts)
    const rest = parts.reduce((sum, { length }) => sum + length, 0) - bytesWritten
    // A disk that is full takes a part; the next call says why.
    if (rest > 0) await writing.handle.appendFile(Buffer.concat(parts).subarray(-rest))
  }
}
