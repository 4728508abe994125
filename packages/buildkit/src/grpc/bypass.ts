import { Duplex } from 'node:stream'
import { invalid } from '@slipway/core'
import { endOfData, FrameFollower, headBytes, readHead, windowUpdate } from './http2-frame.ts'

/** What takes what a stream's DATA frames hold. */
export interface DataSink {
  /** It lies in `bytes` from `start` to `end`, and is good until this returns. */
  data(bytes: Buffer, start: number, end: number): void
  /** All that was there has been taken. A promise makes the peer wait once its window is full; it is never rejected. */
  idle(): Promise<unknown> | undefined
}

/** A connection, and how what comes on it is heard of. */
export interface Wire {
  readonly socket: Duplex
  /** To be called at once, and once. The bytes are good until `take` returns. */
  listen(take: (bytes: Buffer) => void): void
}

export const wireOf = (socket: Duplex): Wire => ({ socket, listen: (take) => void socket.on('data', take) })

interface Lane {
  readonly stream: number
  readonly sink: DataSink
  /** Frames of it that were in what came last. */
  frames: number
  /** Taken from the peer's windows, and not given back yet. */
  owed: number
  waiting: Promise<unknown> | undefined
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

/** A frame that holds less is one of many: the entries of a directory. Bytes. */
const littleFrame = 512
/** So many reads in a row brought little: it isn't a handful of entries. */
const mostLittle = 64
/** Milliseconds. A peer writes some hundred entries until then; four hundred fill what a socket holds. */
const restTime = 2

/**
 * An HTTP/2 client's connection on which the data of chosen streams goes around `node:http2`: that one makes a buffer and an
 * event of each frame, and gRPC sends a frame for each message. 500 MB cost this thread 1.2 s, and as much again of collecting
 * garbage on others. All else passes as it came, and flow control is kept for what is taken out.
 *
 * A client that lists a directory calls write(2) for each entry, and wakes who reads each time, which costs both of them more
 * than the entry. So after many small reads the connection is left alone for a moment; who has written something to the peer
 * hears its answer at once.
 */
export class Bypass extends Duplex {
  readonly #socket: Duplex
  readonly #window: number
  readonly #lanes = new Map<number, Lane>()
  readonly #written = new FrameFollower()
  /** Frames of our own, for when the one that is being written has ended. */
  #queued: Buffer[] = []
  /** A head that hasn't come whole. */
  #begun: Buffer | undefined
  #frame: Frame | undefined
  /** Whether there is room for what passes. */
  #isWanted = true
  /** Reads in a row that brought little. */
  #little = 0
  #rest: NodeJS.Timeout | undefined

  /** `window`: bytes that a stream's peer may send before it has to wait. */
  constructor({ socket, listen }: Wire, window: number) {
    super()
    this.#socket = socket
    this.#window = window
    listen((bytes) => this.#receive(bytes))
    socket.once('end', () => this.push(null))
    socket.once('close', () => this.destroy())
  }

  /** From now on `sink` gets the stream's data. Returns what ends that. */
  divert(stream: number, sink: DataSink): () => void {
    const lane: Lane = { stream, sink, frames: 0, owed: 0, waiting: undefined }
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
    this.#isWanted = true
    if (this.#rest === undefined) this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#wake()
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
    clearTimeout(this.#rest)
    this.#socket.destroy()
    done(error)
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#begun === undefined ? chunk : Buffer.concat([this.#begun, chunk])
    this.#begun = undefined
    // What passes is handed on in runs: from here up to the next frame that doesn't.
    let from = 0
    let at = 0
    while (at < bytes.length && !this.destroyed) {
      if (this.#frame === undefined) {
        const begun = this.#begin(bytes, at)
        if (begun === undefined) break
        if (begun.frame.lane !== undefined) {
          this.#pass(bytes, from, at)
          from = begun.end
        }
        this.#frame = begun.frame
        at = begun.end
      }
      const end = Math.min(at + this.#frame.left, bytes.length)
      if (this.#frame.lane !== undefined) from = end
      this.#advance(this.#frame, bytes, at, end)
      at = end
    }
    this.#pass(bytes, from, at)
    if (at < bytes.length) this.#begun = Buffer.from(bytes.subarray(at))
    for (const lane of this.#lanes.values()) if (lane.frames > 0) this.#settle(lane, bytes.length)
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

  #advance(frame: Frame, bytes: Buffer, start: number, end: number): void {
    const { lane, isLast, padding } = frame
    const data = Math.max(0, Math.min(end - start, frame.left - padding))
    frame.left -= end - start
    if (frame.left === 0) this.#frame = undefined
    if (lane === undefined || this.destroyed) return
    lane.frames += 1
    if (data > 0) lane.sink.data(bytes, start, start + data)
    if (isLast && frame.left === 0) {
      const last = endOfData(lane.stream)
      this.#pass(last, 0, last.length)
    }
  }

  /** All frames that have come have been taken; `bytes` with all others. */
  #settle(lane: Lane, bytes: number): void {
    const { frames, sink } = lane
    lane.frames = 0
    const waiting = sink.idle()
    if (waiting !== undefined) {
      lane.waiting = waiting
      void waiting.then(() => {
        if (lane.waiting !== waiting) return
        lane.waiting = undefined
        this.#credit(lane)
      })
    }
    if (lane.owed >= this.#window / 4) this.#credit(lane)
    this.#little = bytes < frames * littleFrame ? this.#little + 1 : 0
    if (this.#little < mostLittle || this.#rest !== undefined || this.destroyed) return
    this.#socket.pause()
    this.#rest = setTimeout(() => this.#resume(), restTime)
  }

  /** The peer is told something, and may answer. */
  #wake(): void {
    this.#little = 0
    if (this.#rest === undefined) return
    clearTimeout(this.#rest)
    this.#resume()
  }

  #resume(): void {
    this.#rest = undefined
    if (this.#isWanted) this.#socket.resume()
  }

  #credit(lane: Lane): void {
    const { owed } = lane
    if (lane.waiting !== undefined || owed === 0) return
    // The peer may answer before this returns.
    lane.owed = 0
    this.#send(windowUpdate(0, owed), windowUpdate(lane.stream, owed))
  }

  #pass(bytes: Buffer, start: number, end: number): void {
    if (start === end || this.destroyed || this.push(Buffer.from(bytes.subarray(start, end)))) return
    this.#isWanted = false
    this.#socket.pause()
  }

  /** As soon as no frame is in the middle. */
  #send(...frames: readonly Buffer[]): void {
    this.#queued.push(...frames)
    if (this.#queued.length === 0 || !this.#written.isBetween || this.destroyed) return
    this.#socket.write(Buffer.concat(this.#queued))
    this.#queued = []
  }
}
