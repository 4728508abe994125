import type { ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { invalid } from '@slipway/core'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ApiRequest } from './route.ts'

/** Of one message from a client. */
const longestMessage = 1 << 20

/** Compression would cost memory for each connection, and dockerd offers none. */
const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: longestMessage })

/** A WebSocket as a stream: what is written goes out as a message, and the payloads of what comes are read. */
const streamOf = (socket: WebSocket, { binary }: { readonly binary: boolean }): Duplex => {
  const stream = new Duplex({
    // A closed WebSocket is closed in both directions.
    allowHalfOpen: false,
    read: () => {
      if (socket.isPaused) socket.resume()
    },
    write: (bytes: Buffer, _encoding, done) => socket.send(bytes, { binary }, (error) => done(error)),
    final: (done) => {
      socket.close(1000)
      done()
    },
    destroy: (error, done) => {
      // Closed well it ends by itself, when the client has answered.
      if (socket.readyState === socket.OPEN) socket.terminate()
      done(error)
    },
  })
  socket.binaryType = 'nodebuffer'
  socket.on('message', (bytes: Buffer) => {
    if (!stream.push(bytes)) socket.pause()
  })
  socket.on('error', (error) => stream.destroy(error))
  socket.once('close', () => {
    stream.push(null)
    stream.destroy()
  })
  stream.on('error', () => undefined)
  return stream
}

/**
 * Makes a WebSocket (RFC 6455) of a connection whose client asked for one, and gives it as a stream; `binary` says which kind
 * of messages goes out. A client that asked for something else gets an answer that says so. Throws invalid when nothing was
 * asked for.
 */
export const acceptWebSocket = (
  request: ApiRequest,
  response: ServerResponse,
  options: { readonly binary: boolean },
): Promise<Duplex> => {
  const { upgraded, raw } = request
  if (upgraded === undefined || raw.headers.upgrade?.toLowerCase() !== 'websocket') {
    return Promise.reject(invalid('not websocket protocol'))
  }
  const ours = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}`)
  response.detachSocket(upgraded.socket as Parameters<ServerResponse['detachSocket']>[0])
  return new Promise((resolve, reject) => {
    upgraded.socket.once('close', () => reject(invalid('the connection was closed before it was a WebSocket')))
    const withOurs = (headers: string[], of: unknown): void => {
      if (of === raw) headers.push(...ours)
    }
    server.on('headers', withOurs)
    try {
      // What came behind the head is in the socket again: see createHttpServer().
      server.handleUpgrade(raw, upgraded.socket, Buffer.alloc(0), (socket) => resolve(streamOf(socket, options)))
    } finally {
      server.off('headers', withOurs)
    }
  })
}
