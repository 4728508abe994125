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
  readonly handle: FileHandle
  length: number
}

/** Files up to this size lie one behind the other in one pack, and wait in memory until they are whole. */
const smallBytes = 1 << 20
/** What is written at once. */
const flushBytes = 1 << 20

/** Takes the contents of files that come piece by piece, mixed, and writes them to as few files as possible. */
export class PackWriter implements AsyncDisposable {
  readonly #directory: string
  readonly #files = new Map<number, File>()
  readonly #written: Writing[] = []
  #shared: Writing | undefined
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #queue: Promise<unknown> = Promise.resolve()

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
    if (file.size > smallBytes) return this.#inTurn(() => this.#writeBig(file, bytes))
    file.parts.push(bytes)
    return undefined
  }

  /** The file is whole. */
  async end(id: number): Promise<Packed> {
    const file = this.#find(id)
    this.#files.delete(id)
    if (file.length !== file.size) throw invalid('a file of the context shrank while it was sent')
    const hash = file.hash.digest('hex')
    if (file.size > smallBytes) {
      await this.#queue
      return { pack: file.own?.name ?? '', start: 0, hash }
    }
    this.#shared ??= await this.#inTurn(async () => this.#shared ?? (await this.#open()))
    const start = this.#shared.length
    this.#shared.length += file.length
    this.#waiting.push(...file.parts)
    this.#waitingBytes += file.length
    const placed = { pack: this.#shared.name, start, hash }
    if (this.#waitingBytes >= flushBytes) await this.#flush()
    return placed
  }

  /** Everything is on the disk. */
  async finish(): Promise<void> {
    if (this.#files.size > 0) throw invalid('files of the context were not sent')
    await this.#flush()
    for (const { handle } of this.#written) await handle.datasync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.catch(() => undefined)
    for (const { handle } of this.#written) await handle.close()
  }

  #find(id: number): File {
    const file = this.#files.get(id)
    if (file === undefined) throw invalid(`nobody asked for file ${id} of the context`)
    return file
  }

  async #open(): Promise<Writing> {
    const name = `pack-${randomBytes(12).toString('hex')}`
    const writing = { name, handle: await open(join(this.#directory, name), 'wx', 0o600), length: 0 }
    this.#written.push(writing)
    return writing
  }

  async #writeBig(file: File, bytes: Uint8Array): Promise<void> {
    file.own ??= await this.#open()
    await file.own.handle.writev([bytes])
  }

  #flush(): Promise<void> {
    const [waiting, shared] = [this.#waiting, this.#shared]
    this.#waiting = []
    this.#waitingBytes = 0
    return this.#inTurn(async () => {
      if (shared !== undefined && waiting.length > 0) await shared.handle.write(Buffer.concat(waiting))
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }
}
