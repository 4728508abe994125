import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Duplex } from 'node:stream'
import { SlipwayError } from '@slipway/core'
import type { Codec } from '@slipway/protobuf'
import { encodeFrame, readBatches } from './frame.ts'
import { decodeMessage, errorOf, grpcCode, readDetails } from './status.ts'

/** A peer may send a whole directory's entries in one go, but no single message this big. */
const mostMessageBytes = 16 << 20
const windowBytes = 4 << 20

export type Metadata = Readonly<Record<string, string | readonly string[]>>

/** A call in which both sides send messages. */
export interface Conversation {
  /** Waits while the peer is slow. */
  send(...messages: readonly Uint8Array[]): Promise<void>
  /** Nothing more will be sent. */
  finish(): void
  /** What the peer sends; ends with its status, and throws when that isn't "ok". Either this is read, or `batches`. */
  readonly messages: AsyncIterable<Uint8Array>
  /** The same, as many at a time as have come. */
  readonly batches: AsyncIterable<readonly Uint8Array[]>
}

/** Speaks gRPC as the client on a connection that is there already. */
export class GrpcClient implements Disposable {
  readonly #session: ClientHttp2Session

  /** `mostHeaderBytes`: of an answer's head and end; a client's is HTTP/2's default. */
  constructor(socket: Duplex, { mostHeaderBytes }: { readonly mostHeaderBytes?: number } = {}) {
    this.#session = connect('http://peer', {
      createConnection: () => socket,
      settings: {
        initialWindowSize: windowBytes,
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
    return converse(stream, signal)
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

const converse = (stream: ClientHttp2Stream, signal: AbortSignal): Conversation => {
  let status: Headers = {}
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
  async function* batches(): AsyncGenerator<readonly Uint8Array[]> {
    try {
      yield* readBatches(stream, mostMessageBytes)
    } catch (error) {
      if (error !== failure && !stream.destroyed) throw error
    } finally {
      if (!stream.closed && status['grpc-status'] === undefined) stream.close(constants.NGHTTP2_CANCEL)
    }
    check()
  }
  async function* messages(): AsyncGenerator<Uint8Array> {
    for await (const each of batches()) yield* each
  }
  return {
    async send(...messages) {
      if (stream.destroyed || stream.writableEnded || messages.length === 0) return
      if (!stream.write(Buffer.concat(messages.map(encodeFrame)))) {
        await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(() => undefined)
      }
    },
    finish: () => void stream.end(),
    messages: messages(),
    batches: batches(),
  }
}
