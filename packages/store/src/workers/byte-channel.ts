import type { MessagePort } from 'node:worker_threads'
import { type Bytes, SlipwayError } from '@slipway/core'
import { alignedMemory } from '@slipway/linux'

/** Bytes in one piece: large enough that a message per piece costs nothing, small enough that many streams take little. */
export const pieceSize = 1 << 18
/** Pieces on the way that the other side has not finished with. */
const window = 3

/** Pieces that nobody uses: 2 MiB at most. */
const mostSpare = 8
const spare: Uint8Array<ArrayBuffer>[] = []

/** Memory for a piece, with what was in it before: fresh memory costs the kernel as much as filling it. Disks can reach it. */
export const takePiece = (): Uint8Array<ArrayBuffer> => spare.pop() ?? alignedMemory(pieceSize)

/** Gives a piece's memory back, and where there is enough of it to the system: a garbage collector would see it late. */
export const givePiece = ({ buffer, byteOffset }: Uint8Array<ArrayBuffer>): void => {
  if (spare.length < mostSpare) spare.push(new Uint8Array(buffer, byteOffset, pieceSize))
  else buffer.transfer(0)
}

export interface Failure {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly detail?: Record<string, unknown>
}

/** Errors lose their class on the way between threads; this keeps what callers look at. */
export const toFailure = (error: unknown): Failure => {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, stack, code, detail } = error as SlipwayError
  return { name, message, code, detail: { ...detail }, ...(stack === undefined ? {} : { stack }) }
}

export const fromFailure = ({ name, message, code, stack, detail }: Failure): Error => {
  const error =
    name === 'SlipwayError'
      ? new SlipwayError(code as SlipwayError['code'], message, detail === undefined ? {} : { detail })
      : Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) })
  if (stack !== undefined) error.stack = stack
  return error
}

export type ByteMessage =
  | { readonly type: 'piece'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'end' }
  | { readonly type: 'broken'; readonly failure: Failure }
  /** With the piece's memory, for the next one. */
  | { readonly type: 'taken'; readonly piece?: Uint8Array<ArrayBuffer> }

/**
 * The sending half of a stream of bytes between threads. Pieces are collected to `pieceSize` and moved, not copied; the
 * sender waits while the receiver has `window` of them.
 */
export class ByteSender {
  readonly #port: MessagePort
  #piece: Uint8Array<ArrayBuffer> | undefined
  #filled = 0
  #underWay = 0
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(port: MessagePort) {
    this.#port = port
  }

  /** Room to write into, at least one byte of it; `advance()` tells how much was used. Never waits: see `ready()`. */
  room(): Uint8Array<ArrayBuffer> {
    this.#piece ??= takePiece()
    return this.#piece.subarray(this.#filled)
  }

  advance(length: number): void {
    this.#filled += length
    if (this.#filled === pieceSize) this.#post()
  }

  /** Sends a piece that the caller has filled so far, without a copy. Nothing may have been appended before. */
  adopt(piece: Uint8Array<ArrayBuffer>, filled: number): void {
    this.#piece = piece
    this.#filled = filled
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const room = this.room()
      const part = bytes.subarray(at, at + room.length)
      room.set(part)
      this.advance(part.length)
      at += part.length
    }
  }

  /** True when `ready()` would wait. */
  get full(): boolean {
    return this.#underWay >= window || this.#failure !== undefined
  }

  /** Waits until the receiver has room. Throws when it has failed. */
  async ready(): Promise<void> {
    await this.#until(() => !this.full)
  }

  /** Sends what has been collected, and waits until the receiver has finished with all of it. */
  async flush(): Promise<void> {
    this.#post()
    await this.#until(() => this.#underWay === 0)
  }

  end(): void {
    this.#post()
    this.#port.postMessage({ type: 'end' } satisfies ByteMessage)
  }

  async sendAll(bytes: Bytes): Promise<void> {
    for await (const chunk of bytes) {
      this.append(chunk)
      if (this.full) await this.ready()
    }
  }

  /** The receiver has finished with a piece. */
  taken(piece?: Uint8Array<ArrayBuffer>): void {
    this.#underWay -= 1
    if (piece !== undefined) givePiece(piece)
    this.#wake?.()
  }

  /** The receiver is gone: everyone who waits, and who comes later, is told. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  #post(): void {
    if (this.#piece === undefined || this.#filled === 0) return
    // A view of a moved buffer is moved whole; the receiver sees only the filled part.
    const bytes = this.#piece.subarray(0, this.#filled)
    this.#port.postMessage({ type: 'piece', bytes } satisfies ByteMessage, [bytes.buffer])
    this.#piece = undefined
    this.#filled = 0
    this.#underWay += 1
  }

  async #until(condition: () => boolean): Promise<void> {
    while (this.#failure === undefined && !condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#failure !== undefined) throw this.#failure
  }
}

/**
 * The receiving half. A piece counts as taken when the next one is asked for. With `giveBack` its memory goes back to the
 * sender then, and the reader must have finished with it.
 */
export class ByteReceiver implements AsyncIterable<Uint8Array> {
  readonly #port: MessagePort
  readonly #giveBack: boolean
  readonly #pieces: Uint8Array<ArrayBuffer>[] = []
  #ended = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(port: MessagePort, { giveBack }: { readonly giveBack: boolean }) {
    this.#port = port
    this.#giveBack = giveBack
  }

  receive(message: ByteMessage): void {
    if (message.type === 'piece') this.#pieces.push(message.bytes)
    if (message.type === 'end') this.#ended = true
    if (message.type === 'broken') this.#failure = fromFailure(message.failure)
    this.#wake?.()
  }

  /** Reads what comes through a port of its own; a sender that dies ends it with an error. */
  static from(port: MessagePort): ByteReceiver {
    const receiver = new ByteReceiver(port, { giveBack: true })
    port.on('message', (message: ByteMessage) => receiver.receive(message))
    port.on('close', () => {
      if (!receiver.#ended) receiver.fail(new SlipwayError('internal', 'the thread that sent this is gone'))
    })
    return receiver
  }

  /** Ends the stream with an error, for whoever reads it. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    while (true) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) {
        yield piece
        this.#taken(piece)
      } else if (this.#failure !== undefined) throw this.#failure
      else if (this.#ended) return
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  #taken(piece: Uint8Array<ArrayBuffer>): void {
    if (this.#giveBack) this.#port.postMessage({ type: 'taken', piece } satisfies ByteMessage, [piece.buffer])
    else this.#port.postMessage({ type: 'taken' } satisfies ByteMessage)
  }
}
