import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { openBoundSocket, withNetns } from '@slipway/linux'

/** Answers a message; undefined: with nothing. */
export type Answer = (message: Buffer, stream: boolean) => Promise<Buffer | undefined>

/** The name server of one container, inside its network namespace. */
export interface Listener extends Disposable {
  readonly udpPort: number
  readonly tcpPort: number
}

/** What resolv.conf in containers names. */
export const nameServerAddress = '127.0.0.11'

const longestDatagram = 4096
const mostConnections = 64
const idleMilliseconds = 10_000

const withLength = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message])

/** One question after the other; what comes in meanwhile waits in the kernel. */
const serveStream = async (socket: Socket, answer: Answer): Promise<void> => {
  socket.setTimeout(idleMilliseconds, () => socket.destroy())
  let bytes = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE()) {
      const end = 2 + bytes.readUInt16BE()
      const reply = await answer(Buffer.from(bytes.subarray(2, end)), true)
      bytes = bytes.subarray(end)
      if (reply === undefined || !socket.writable) return
      if (!socket.write(withLength(reply))) await once(socket, 'drain')
    }
  }
}

/**
 * Listens on 127.0.0.11 in the namespace, on ports of the kernel's choice: 53 is left to what the container itself may
 * serve. This thread is in the namespace only while the sockets are opened.
 */
export const listenIn = async (netns: string, answer: Answer): Promise<Listener> => {
  using opened = new DisposableStack()
  const address = nameServerAddress
  const [udp, tcp] = withNetns(netns, () => [
    openBoundSocket({ kind: 'udp', address, port: 0 }),
    openBoundSocket({ kind: 'tcp', address, port: 0 }),
  ])
  const datagrams = createSocket('udp4')
  opened.defer(() => datagrams.close())
  datagrams.on('error', () => {})
  datagrams.on('message', (message, { address, port }) => {
    if (message.length > longestDatagram) return
    answer(message, false).then(
      (reply) => reply && datagrams.send(reply, port, address, () => {}),
      () => {},
    )
  })
  const sockets = new Set<Socket>()
  const streams = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    serveStream(socket, answer)
      .catch(() => {})
      .finally(() => socket.end())
  })
  streams.maxConnections = mostConnections
  opened.defer(() => {
    for (const socket of sockets) socket.destroy()
    streams.close()
  })
  const listening = Promise.all([once(datagrams, 'listening'), once(streams, 'listening')])
  datagrams.bind({ fd: udp })
  streams.listen({ fd: tcp })
  await listening
  const bound = streams.address()
  const tcpPort = typeof bound === 'object' && bound !== null ? bound.port : 0
  const kept = opened.move()
  return { udpPort: datagrams.address().port, tcpPort, [Symbol.dispose]: () => kept.dispose() }
}
