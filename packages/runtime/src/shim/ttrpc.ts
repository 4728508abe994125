import { connect, type Socket } from 'node:net'
import { hasErrno, messageOf, SlipwayError } from '@slipway/core'
import type { Codec } from '@slipway/protobuf'
import { encodeFrame, frameReader, frameType } from './frame.ts'
import { ttrpcRequest, ttrpcResponse } from './messages.ts'
import { shimError } from './status.ts'

interface Pending {
  readonly call: string
  settle(body: Uint8Array): void
  reject(error: Error): void
}

export interface Call<Request, Response> {
  readonly service: string
  readonly method: string
  readonly request: Codec<Request>
  readonly response: Codec<Response>
}

/**
 * A ttrpc connection over a unix socket. Any number of calls may be under way at once; when the connection drops, each of
 * them throws unavailable, and so does every later one.
 */
export class TtrpcClient implements AsyncDisposable {
  readonly #socket: Socket
  readonly #pending = new Map<number, Pending>()
  #nextStream = 1
  #failure: SlipwayError | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    const read = frameReader()
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of read(chunk)) if (frame.type === frameType.response) this.#settle(frame.stream, frame.body)
      } catch (error) {
        this.#fail(error)
      }
    })
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('connection closed')))
  }

  /** Throws unavailable when nobody listens at `path`. */
  static open(path: string): Promise<TtrpcClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path)
      socket.once('error', (error) => reject(unavailable(`shim at ${path} doesn't answer`, error)))
      socket.once('connect', () => {
        socket.removeAllListeners('error')
        resolve(new TtrpcClient(socket))
      })
    })
  }

  get alive(): boolean {
    return this.#failure === undefined
  }

  call<Request, Response>(call: Call<Request, Response>, request: Partial<Request>): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      const stream = this.#nextStream
      this.#nextStream += 2
      const settle = (body: Uint8Array): void => {
        const { status, payload } = ttrpcResponse.decode(body)
        if (status !== undefined && status.code !== 0) reject(shimError(status, call.method))
        else resolve(call.response.decode(payload))
      }
      this.#pending.set(stream, { call: call.method, settle, reject })
      const body = ttrpcRequest.encode({
        service: call.service,
        method: call.method,
        payload: call.request.encode(request),
      })
      this.#socket.write(encodeFrame({ stream, type: frameType.request, body }))
    })
  }

  #settle(stream: number, body: Uint8Array): void {
    const pending = this.#pending.get(stream)
    if (pending === undefined) return
    this.#pending.delete(stream)
    try {
      pending.settle(body)
    } catch (error) {
      pending.reject(new SlipwayError('internal', `unreadable answer to ${pending.call}: ${messageOf(error)}`))
    }
  }

  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = unavailable('connection to the shim was lost', cause)
    this.#socket.destroy()
    for (const pending of this.#pending.values()) pending.reject(this.#failure)
    this.#pending.clear()
  }

  /** It doesn't keep the process alive any more. */
  unref(): void {
    this.#socket.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error('closed by us'))
  }
}

const unavailable = (message: string, cause: unknown): SlipwayError =>
  new SlipwayError('unavailable', message, {
    cause,
    detail: { gone: hasErrno(cause, 'ENOENT') || hasErrno(cause, 'ECONNREFUSED') },
  })
