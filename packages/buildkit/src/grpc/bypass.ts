import { Duplex } from 'node:stream'
import { invalid } from '@slipway/core'
import { endOfData, FrameFollower, headBytes, readHead, windowUpdate } from './http2-frame.ts'

/**
 * Takes what a stream's DATA frames hold; the bytes are good until it returns. A promise makes the peer wait once its window is
 * full; it is never rejected.
 */
export type TakeData = (bytes: Buffer) => Promise<void> | undefined

/** A connection, and how what comes on it is heard of. */
export interface Wire {
  readonly socket: Duplex
  /** To be called at once, and once. The bytes are good until `take` returns. */
  listen(take: (bytes: Buffer) => void): void
}

export const wireOf = (socket: Duplex): Wire => ({ socket, listen: (take) => void socket.on('data', take) })

interface Lane {
  readonly stream: number
  readonly take: TakeData
  /** Taken from the peer's windows, and not given back yet. */
  owed: number
  waiting: Promise<void> | undefined
}

/** The frame that is coming. */
interface Frame {
  /** Whose data it is; undefined: it passes. */
  readonly lane: Lane | undefined
  readonly isLast: boolean
  readonly padding: number
  /** What is still to come of it, with the padding. */
  left: number
}

/**
 * An HTTP/2 client's connection on which the data of chosen streams goes around `node:http2`: that one makes a buffer and an event
 * of each frame, and gRPC sends a frame for each message. 500 MB cost this thread 1.2 s, and as much again of collecting
 * garbage on others. All else passes as it came, and flow control is kept for what is taken out.
 */
export class Bypass extends Duplex {
  readonly #socket: Duplex
  readonly #window: number
  readonly #lanes = new Map<number, Lane>()
  readonly #written = new FrameFollower()
  /** Frames of our own, for when the one that is being written has ended. */
  #queued: Buffer[] = []
  /** A head that hasn't come whole. */
  #rest: Buffer | undefined
  #frame: Frame | undefined

  /** `window`: bytes that a stream's peer may send before it has to wait. */
  constructor({ socket, listen }: Wire, window: number) {
    super()
    this.#socket = socket
    this.#window = window
    listen((bytes) => this.#receive(bytes))
    socket.once('end', () => this.push(null))
    socket.once('close', () => this.destroy())
  }

  /** From now on `take` gets the stream's data. Returns what ends that. */
  divert(stream: number, take: TakeData): () => void {
    const lane: Lane = { stream, take, owed: 0, waiting: undefined }
    this.#lanes.set(stream, lane)
    return () => {
      this.#lanes.delete(stream)
      const { owed } = lane
      lane.owed = 0
      // The connection's window is for all streams.
      if (owed > 0) this.#send(windowUpdate(0, owed))
    }
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#written.follow(chunk)
    this.#socket.write(chunk, done)
    this.#send()
  }

  override _final(done: () => void): void {
    this.#socket.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#lanes.clear()
    this.#socket.destroy()
    done(error)
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    // What passes is handed on in runs: from here up to the next frame that doesn't.
    let from = 0
    let at = 0
    while (at < bytes.length && !this.destroyed) {
      if (this.#frame === undefined) {
        const begun = this.#begin(bytes, at)
        if (begun === undefined) break
        if (begun.frame.lane !== undefined) {
          this.#pass(bytes.subarray(from, at))
          from = begun.end
        }
        this.#frame = begun.frame
        at = begun.end
      }
      const end = Math.min(at + this.#frame.left, bytes.length)
      if (this.#frame.lane !== undefined) from = end
      this.#advance(this.#frame, bytes.subarray(at, end))
      at = end
    }
    this.#pass(bytes.subarray(from, at))
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at))
    for (const lane of this.#lanes.values()) if (lane.owed >= this.#window / 4) this.#credit(lane)
  }

  /** Undefined: the head isn't whole. */
  #begin(bytes: Buffer, at: number): { readonly frame: Frame; readonly end: number } | undefined {
    const head = readHead(bytes, at)
    if (head === undefined) return undefined
    const { length, isLast } = head
    const lane = head.isData ? this.#lanes.get(head.stream) : undefined
    const end = at + headBytes
    if (lane === undefined || !head.isPadded) {
      if (lane !== undefined) this.#owe(lane, length)
      return { frame: { lane, isLast, padding: 0, left: length }, end }
    }
    // One more byte says how much is padding.
    const padding = bytes[end]
    if (padding === undefined) return undefined
    this.#owe(lane, length)
    if (padding >= length) this.destroy(invalid('the peer sent a frame with more padding than it holds'))
    return { frame: { lane, isLast, padding, left: length - 1 }, end: end + 1 }
  }

  #owe(lane: Lane, length: number): void {
    lane.owed += length
    if (lane.owed > this.#window) this.destroy(invalid('the peer sent more than it was allowed to'))
  }

  #advance(frame: Frame, bytes: Buffer): void {
    const { lane, isLast, padding } = frame
    const data = Math.max(0, Math.min(bytes.length, frame.left - padding))
    frame.left -= bytes.length
    if (frame.left === 0) this.#frame = undefined
    if (lane === undefined || this.destroyed) return
    if (data > 0) this.#take(lane, bytes.subarray(0, data))
    if (isLast && frame.left === 0) this.#pass(endOfData(lane.stream))
  }

  #take(lane: Lane, data: Buffer): void {
    const waiting = lane.take(data)
    if (waiting === undefined) return
    lane.waiting = waiting
    void waiting.then(() => {
      if (lane.waiting !== waiting) return
      lane.waiting = undefined
      this.#credit(lane)
    })
  }

  #credit(lane: Lane): void {
    const { owed } = lane
    if (lane.waiting !== undefined || owed === 0) return
    // The peer may answer before this returns.
    lane.owed = 0
    this.#send(windowUpdate(0, owed), windowUpdate(lane.stream, owed))
  }

  #pass(bytes: Buffer): void {
    if (bytes.length > 0 && !this.destroyed && !this.push(Buffer.from(bytes))) this.#socket.pause()
  }

  /** As soon as no frame is in the middle. */
  #send(...frames: readonly Buffer[]): void {
    this.#queued.push(...frames)
    if (this.#queued.length === 0 || !this.#written.isBetween || this.destroyed) return
    this.#socket.write(Buffer.concat(this.#queued))
    this.#queued = []
  }
}
