import { type FileHandle, open } from 'node:fs/promises'

/** What is written at once. */
const pieceBytes = 1 << 18
/** Pieces kept for the next one: fresh memory costs more than to fill it, and the garbage collector's time besides. */
const mostSpare = 32
/** Pieces that may wait; who sends is to wait then, and can send as much again before it notices. */
const mostWaiting = 16

/** A file that is written from its beginning to its end. */
export interface PackFile {
  readonly path: string
  /** Bytes that are in it, and can be read. */
  written: number
  /** Once something was written. */
  handle?: FileHandle
}

/** Memory, filled up to some point. */
export interface Piece {
  readonly bytes: Buffer
  filled: number
}

/** As much of `bytes` as there is room for. Returns how much. */
export const fill = (piece: Piece, bytes: Uint8Array): number => {
  const part = bytes.subarray(0, pieceBytes - piece.filled)
  piece.bytes.set(part, piece.filled)
  piece.filled += part.length
  return part.length
}

export const isFull = ({ filled }: Piece): boolean => filled === pieceBytes

/** Writes pieces to files one after the other, while the next ones are filled. Nothing is brought to the disk. */
export class PieceQueue implements AsyncDisposable {
  readonly #onWritten: () => void
  readonly #spare: Buffer[] = []
  readonly #opened: PackFile[] = []
  #waiting = 0
  /** All that was to be written so far; once something has failed, so does the rest. */
  #end: Promise<void> = Promise.resolve()

  /** `onWritten` is told when a file has become longer. */
  constructor(onWritten: () => void) {
    this.#onWritten = onWritten
  }

  /** An empty one. */
  take(): Piece {
    return { bytes: this.#spare.pop() ?? Buffer.allocUnsafeSlow(pieceBytes), filled: 0 }
  }

  /** The piece is the caller's no more. */
  write(file: PackFile, { bytes, filled }: Piece): void {
    this.#waiting += 1
    this.#end = this.#end.then(async () => {
      await this.#write(file, bytes.subarray(0, filled))
      this.#waiting -= 1
      if (this.#spare.length < mostSpare) this.#spare.push(bytes)
    })
    // Told by `full()` and `finish()`.
    this.#end.catch(() => undefined)
  }

  /** A promise: too many wait. Rejected with what went wrong. */
  full(): Promise<void> | undefined {
    return this.#waiting > mostWaiting ? this.#end : undefined
  }

  /** Everything is written. */
  finish(): Promise<void> {
    return this.#end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end.catch(() => undefined)
    for (const { handle } of this.#opened) await handle?.close()
  }

  async #write(file: PackFile, bytes: Buffer): Promise<void> {
    if (file.handle === undefined) {
      file.handle = await open(file.path, 'wx', 0o600)
      this.#opened.push(file)
    }
    for (let at = 0; at < bytes.length; ) at += (await file.handle.write(bytes, at)).bytesWritten
    file.written += bytes.length
    this.#onWritten()
  }
}
