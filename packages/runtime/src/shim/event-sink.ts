import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { encodeFrame, frameReader, frameType } from './frame.ts'
import { ttrpcResponse } from './messages.ts'

/**
 * Shims insist on a socket to publish their events to: one that can't be dialled at start ends them, and one that doesn't
 * answer costs them 5 s an event, until their queue of 128 is full and they stop serving. Nothing here depends on events
 * (they don't find their way back after a restart), so this answers each with "thanks" and forgets it.
 */
export class EventSink implements AsyncDisposable {
  readonly path: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(path: string) {
    this.path = path
    this.#server = createServer((socket) => this.#serve(socket))
    this.#server.unref()
  }

  static async open(path: string): Promise<EventSink> {
    const sink = new EventSink(path)
    await rm(path, { force: true })
    await new Promise<void>((resolve, reject) => {
      sink.#server.once('error', reject)
      sink.#server.listen(path, resolve)
    })
    return sink
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.unref()
    const read = frameReader()
    const thanks = ttrpcResponse.encode({})
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const { stream, type } of read(chunk)) {
          if (type === frameType.request) socket.write(encodeFrame({ stream, type: frameType.response, body: thanks }))
        }
      } catch {
        socket.destroy()
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
