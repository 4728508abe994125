import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Duplex } from 'node:stream'
import { SlipwayError } from '@slipway/core'
import type { Codec } from '@slipway/protobuf'
import { Bypass, type DataSink, type Wire, wireOf } from './bypass.ts'
import { encodeFrames, MessageCutter, readBatches } from './frame.ts'
import { decodeMessage, errorOf, grpcCode, readDetails } from './status.ts'

/** A peer may send a whole directory's entries in one go, but no single message this big. */
const mostMessageBytes = 16 << 20
const windowBytes = 4 << 20
/** A client's content comes in messages of 32 KiB: each in as few frames as it may, for a frame is a call of write(2) there. */
const frameBytes = 64 << 10
/**
 * What may wait to be sent. A peer opens its window as far as it sees that it is used: with one message at a time it never does.
 */
const mostWaitingBytes = 1 << 20

export type Metadata = Readonly<Record<string, string | readonly string[]>>

/** What takes messages as they come. What it throws ends the call, and so does a promise that is rejected. */
export interface MessageSink {
  /**
   * It lies in `bytes` from `start` to `end`, and is good until this returns. The peer waits for a promise, as soon as it has
   * sent what it may.
   */
  message(bytes: Buffer, start: number, end: number): Promise<void> | undefined
  /** All that was there has been taken. */
  idle(): Promise<void> | undefined
}

/** A call in which both sides send messages. */
export interface Conversation {
  /** Waits while the peer is slow. */
  send(...messages: readonly Uint8Array[]): Promise<void>
  /** Nothing more will be sent. */
  finish(): void
  /** What the peer sends; ends with its status, and throws when that isn't "ok". */
  readonly messages: AsyncIterable<Uint8Array>
  /** The same for very many of them; to be called in the turn in which the call was made, in place of reading `messages`. */
  receive(sink: MessageSink): Promise<void>
}

/** Speaks gRPC as the client on a connection that is there already. */
export class GrpcClient implements Disposable {
  readonly #session: ClientHttp2Session
  readonly #bypass: Bypass

  /** `mostHeaderBytes`: of an answer's head and end; a client's is HTTP/2's default. */
  constructor(connection: Duplex | Wire, { mostHeaderBytes }: { readonly mostHeaderBytes?: number } = {}) {
    const wire = 'socket' in connection ? connection : wireOf(connection)
    const { socket } = wire
    this.#bypass = new Bypass(wire, windowBytes)
    this.#session = connect('http://peer', {
      createConnection: () => this.#bypass,
      settings: {
        initialWindowSize: windowBytes,
        maxFrameSize: frameBytes,
        enablePush: false,
        ...(mostHeaderBytes === undefined ? {} : { maxHeaderListSize: mostHeaderBytes }),
      },
    })
    this.#session.on('error', () => socket.destroy())
    this.#session.once('close', () => socket.destroy())
    socket.once('end', () => this.#session.destroy())
    this.#session.once('connect', () => {
      // Who goes away at once is gone before it is told to be here.
      if (!this.isClosed) this.#session.setLocalWindowSize(windowBytes)
    })
  }

  get isClosed(): boolean {
    return this.#session.closed || this.#session.destroyed
  }

  onClose(listener: () => void): void {
    this.#session.once('close', listener)
  }

  open(path: string, signal: AbortSignal, metadata: Metadata = {}): Conversation {
    signal.throwIfAborted()
    if (this.isClosed) throw new SlipwayError('unavailable', 'the session is over')
    const stream = this.#session.request({
      ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, value as string | string[]])),
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'slipway',
    })
    return converse(stream, this.#bypass, signal)
  }

  async unary<Written, Read>(
    path: string,
    codecs: { readonly request: Codec<unknown, Written>; readonly response: Codec<Read, never> },
    message: Written,
    signal: AbortSignal,
    metadata: Metadata = {},
  ): Promise<Read> {
    const conversation = this.open(path, signal, metadata)
    await conversation.send(codecs.request.encode(message))
    conversation.finish()
    let last: Uint8Array | undefined
    for await (const answer of conversation.messages) last = answer
    if (last === undefined) throw new SlipwayError('internal', `${path} was answered with nothing`)
    return codecs.response.decode(last)
  }

  [Symbol.dispose](): void {
    this.#session.destroy()
  }
}

type Headers = Readonly<Record<string, string | string[] | number | undefined>>

/** More can be written, or nothing any more. */
const drained = (stream: ClientHttp2Stream): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.once('drain', done).once('close', done)
  })

const converse = (stream: ClientHttp2Stream, bypass: Bypass, signal: AbortSignal): Conversation => {
  let status: Headers = {}
  let waiting: Promise<void> | undefined
  // A peer that has nothing to send but an error puts it into its head.
  stream.on('response', (headers) => {
    status = { ...status, ...(headers as Headers) }
  })
  stream.on('trailers', (headers) => {
    status = { ...status, ...(headers as Headers) }
  })
  let failure: unknown
  stream.on('error', (error) => {
    failure = error
  })
  const onAbort = (): void => stream.close(constants.NGHTTP2_CANCEL)
  signal.addEventListener('abort', onAbort, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', onAbort))
  const check = (): void => {
    signal.throwIfAborted()
    const code = status['grpc-status']
    if (code === undefined) throw new SlipwayError('unavailable', 'the client went away', { cause: failure })
    if (Number(code) !== grpcCode.ok) {
      const message = decodeMessage(String(status['grpc-message'] ?? ''))
      throw errorOf(Number(code), message, readDetails(status['grpc-status-details-bin']))
    }
  }
  async function* messages(): AsyncGenerator<Uint8Array> {
    try {
      for await (const batch of readBatches(stream, mostMessageBytes)) yield* batch
    } catch (error) {
      if (error !== failure && !stream.destroyed) throw error
    } finally {
      if (!stream.closed && status['grpc-status'] === undefined) stream.close(constants.NGHTTP2_CANCEL)
    }
    check()
  }
  return {
    async send(...messages) {
      if (stream.destroyed || stream.writableEnded || messages.length === 0) return
      if (stream.write(encodeFrames(messages)) || stream.writableLength <= mostWaitingBytes) return
      // Many may wait for the same moment.
      waiting ??= drained(stream).then(() => {
        waiting = undefined
      })
      await waiting
    },
    finish: () => void stream.end(),
    messages: messages(),
    async receive(sink) {
      await divert(stream, bypass, sink)
      check()
    },
  }
}

/** Ends when the peer has sent all; throws what the sink throws. */
const divert = async (stream: ClientHttp2Stream, bypass: Bypass, sink: MessageSink): Promise<void> => {
  let refused: { readonly error: unknown } | undefined
  const refuse = (error: unknown): void => {
    refused ??= { error }
    stream.close(constants.NGHTTP2_CANCEL)
  }
  let waiting: Promise<unknown> | undefined
  const hold = (soon: Promise<void> | undefined): void => {
    if (soon === undefined) return
    const settled = soon.catch(refuse)
    waiting = waiting === undefined ? settled : Promise.all([waiting, settled])
  }
  const cutter = new MessageCutter(mostMessageBytes, (bytes, start, end) => hold(sink.message(bytes, start, end)))
  const attempt = (step: () => void): void => {
    if (refused !== undefined) return
    try {
      step()
    } catch (error) {
      refuse(error)
    }
  }
  const diverted: DataSink = {
    data: (bytes, start, end) => attempt(() => cutter.push(bytes, start, end)),
    idle() {
      attempt(() => hold(sink.idle()))
      const held = waiting
      waiting = undefined
      return held
    },
  }
  let restore: (() => void) | undefined
  const begin = (): void => {
    if (stream.id !== undefined && !stream.destroyed) restore = bypass.divert(stream.id, diverted)
  }
  // It has no number while the connection isn't there yet.
  if (stream.pending) stream.once('ready', begin)
  else begin()
  stream.resume()
  const { promise, resolve } = Promise.withResolvers<void>()
  stream.once('end', resolve).once('close', resolve)
  await promise
  restore?.()
  if (refused !== undefined) throw refused.error
}
