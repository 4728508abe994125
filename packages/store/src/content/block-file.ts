import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, readSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { alignedMemory } from '@slipway/linux'
import { blockSize } from '../erofs/format.ts'
import { pieceSize } from '../workers/byte-channel.ts'
import { DirectFile } from './direct-file.ts'
import { earlySync } from './early-sync.ts'

const synced = promisify(fdatasync)
const writtenAt = promisify(write)
/**
 * Pieces on their way to the file, while the next ones are filled. Not one after the other: who fills them may be busy for
 * longer than a disk needs for one.
 */
const mostBehind = 4
const zeros = Buffer.alloc(blockSize)
const newPiece = (): Buffer => {
  const { buffer, byteOffset, length } = alignedMemory(pieceSize)
  return Buffer.from(buffer, byteOffset, length)
}

/** A file that is written from its beginning to its end, in large pieces, and mended in places afterwards. */
export class BlockFile implements Disposable {
  readonly #fd: number
  readonly #path: string
  readonly #mostCached: number
  #direct: DirectFile | undefined
  readonly #grown: (length: number) => void
  #piece: Buffer = Buffer.alloc(0)
  #filled = 0
  /** Where the piece goes. */
  #written = 0
  #isBehind = false
  /** The writes that are on their way, the oldest first; one that has failed stays. */
  readonly #underWay: Promise<void>[] = []
  readonly #spare: Buffer[] = []

  private constructor(fd: number, path: string, mostCached = Infinity) {
    this.#fd = fd
    this.#path = path
    this.#mostCached = mostCached
    this.#grown = earlySync(fd)
  }

  /** Throws EEXIST when it is there. What is written behind goes around the page cache, but for the first `mostCached` bytes. */
  static create(path: string, { mostCached }: { readonly mostCached?: number } = {}): BlockFile {
    const file = new BlockFile(openSync(path, 'wx+', 0o600), path, mostCached)
    file.#piece = newPiece()
    return file
  }

  /** One that is complete, to be read and patched. */
  static open(path: string): BlockFile {
    return new BlockFile(openSync(path, 'r+'), path)
  }

  /** Bytes so far. */
  get length(): number {
    return this.#written + this.#filled
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + pieceSize - this.#filled)
      this.#piece.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === pieceSize) this.flush()
    }
  }

  /** Zeros up to the next block. */
  pad(): void {
    const over = this.length % blockSize
    if (over > 0) this.append(zeros.subarray(over))
  }

  /** Zeros that take no room on the disk. */
  skip(length: number): void {
    this.flush()
    this.#written += length
  }

  /**
   * From now on `append()` leaves the writing to other threads, while this one makes the next piece. Whoever appends has to wait
   * for `ready()` now and then, and disposes of what this returns, which waits until all is written, before the file is read,
   * patched, finished or closed.
   */
  writeBehind(): AsyncDisposable & { settle(): Promise<void> } {
    this.#isBehind = true
    const settle = async (): Promise<void> => {
      if (this.#isBehind) this.flush()
      this.#isBehind = false
      await Promise.all(this.#underWay)
    }
    // What went wrong is told by `ready()` and `settle()`.
    return { settle, [Symbol.asyncDispose]: async () => void (await Promise.allSettled(this.#underWay)) }
  }

  /** Undefined: there is room. Rejects with what went wrong. */
  ready(): Promise<void> | undefined {
    return this.#underWay.length < mostBehind ? undefined : this.#room()
  }

  /** What was appended at once may have been several pieces: one that has gone doesn't make room for the next such. */
  async #room(): Promise<void> {
    while (this.#underWay.length >= mostBehind) await this.#underWay[0]
  }

  #sendBehind(): void {
    const [piece, length, at] = [this.#piece, this.#filled, this.#written]
    this.#piece = this.#spare.pop() ?? newPiece()
    const written = this.#write(piece.subarray(0, length), at).then(() => {
      this.#spare.push(piece)
      this.#underWay.splice(this.#underWay.indexOf(written), 1)
      this.#grown(at + length)
    })
    this.#underWay.push(written)
    written.catch(() => undefined)
  }

  async #write(bytes: Buffer, at: number): Promise<void> {
    if (at >= this.#mostCached) this.#direct ??= DirectFile.open(this.#path)
    for (let done = (await this.#direct?.write(bytes, at)) ?? 0; done < bytes.length; ) {
      done += (await writtenAt(this.#fd, bytes, done, bytes.length - done, at + done)).bytesWritten
    }
  }

  /** Brings what was appended to the file, which has its full length then. */
  flush(): void {
    if (this.#filled === 0) return
    if (this.#isBehind) {
      this.#sendBehind()
      this.#written += this.#filled
      this.#filled = 0
      return
    }
    writeAll(this.#fd, this.#piece.subarray(0, this.#filled), this.#written)
    this.#written += this.#filled
    this.#filled = 0
    this.#grown(this.#written)
  }

  /** After the last `append`. */
  finish(): void {
    this.flush()
    if (fstatSync(this.#fd).size < this.#written) ftruncateSync(this.#fd, this.#written)
  }

  /** Of what is in the file already. */
  read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    readSync(this.#fd, bytes, 0, length, at)
    return bytes
  }

  /** Writes over what is in the file already: see `finish()`. */
  patch(at: number, bytes: Uint8Array): void {
    writeAll(this.#fd, bytes, at)
  }

  /** Bytes on disk. */
  get usage(): number {
    return fstatSync(this.#fd).blocks * 512
  }

  /** Brings it to the disk, without blocking the thread. */
  sync(): Promise<void> {
    return synced(this.#fd)
  }

  [Symbol.dispose](): void {
    this.#direct?.[Symbol.dispose]()
    closeSync(this.#fd)
  }
}

const writeAll = (fd: number, bytes: Uint8Array, position: number): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at)
}
