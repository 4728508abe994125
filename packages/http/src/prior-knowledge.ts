import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What HTTP/2 begins with when nobody asked first (RFC 9113, section 3.4). */
const preface = Buffer.from('PRI ')
/** Who says nothing for so long is sent away, as Node does with those that don't finish a request's head. */
const patienceMs = 60_000

/**
 * Hands connections that speak HTTP/2 from their first byte to `onHttp2`; all others go to the server as before. Looked at
 * here, for once Node's parser has a socket its handle can't be taken back.
 */
export const takePriorKnowledge = (server: Server, onHttp2: (socket: Duplex) => void): void => {
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const giveUp = (): void => void socket.destroy()
    socket.setTimeout(patienceMs, giveUp)
    socket.on('error', giveUp)
    socket.once('readable', () => {
      const head: Buffer | null = socket.read()
      socket.setTimeout(0, giveUp)
      socket.off('error', giveUp)
      if (head === null) {
        socket.destroy()
        return
      }
      socket.unshift(head)
      if (preface.equals(head.subarray(0, preface.length))) onHttp2(socket)
      else for (const listener of listeners) listener.call(server, socket)
    })
  })
}
