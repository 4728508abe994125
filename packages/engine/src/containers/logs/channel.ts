import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { UnixDatagram } from '@slipway/linux'

export interface ChannelEvents {
  /** There may be room again. */
  readonly onRoom: () => void
  /** Nothing more can be sent. */
  readonly onGone: (error: unknown) => void
}

/** A way to whoever collects lines. */
export interface Channel {
  /** False: no room, and nothing was taken. */
  send(bytes: Buffer): boolean
  /** What was taken is still sent. */
  close(): void
}

export type OpenChannel = (events: ChannelEvents) => Channel

/** In milliseconds. A unix datagram socket tells nobody when it has room. */
const betweenAttempts = 20
/** Bytes that a connection takes before it says that it is full. */
const inFlight = 64 * 1024

/** Opening throws when nobody listens. */
export const unixDatagrams =
  (path: string): OpenChannel =>
  ({ onRoom, onGone }) => {
    const socket = UnixDatagram.connect(path)
    return {
      send: (bytes) => {
        try {
          if (socket.send(bytes)) return true
          setTimeout(onRoom, betweenAttempts).unref()
        } catch (error) {
          queueMicrotask(() => onGone(error))
        }
        return false
      },
      close: () => socket[Symbol.dispose](),
    }
  }

export const udpDatagrams =
  (host: string, port: number): OpenChannel =>
  ({ onGone }) => {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
    socket.unref()
    socket.on('error', onGone)
    let pending = 0
    let isClosing = false
    return {
      send: (bytes) => {
        pending += 1
        // Nobody says whether it has arrived: that is UDP.
        socket.send(bytes, port, host, () => {
          pending -= 1
          if (isClosing && pending === 0) socket.close()
        })
        return true
      },
      close: () => {
        isClosing = true
        if (pending === 0) socket.close()
      },
    }
  }

const stream =
  (open: () => Socket): OpenChannel =>
  ({ onRoom, onGone }) => {
    const socket = open()
    socket.unref()
    socket.on('drain', onRoom)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => onGone(new Error('the connection was closed')))
    // What they say isn't waited for.
    socket.resume()
    return {
      send: (bytes) => {
        if (socket.destroyed || socket.writableLength > inFlight) return false
        socket.write(bytes)
        return true
      },
      close: () => socket.end(),
    }
  }

export const tcpStream = (host: string, port: number): OpenChannel => stream(() => connect({ host, port }))
export const tlsStream = (options: ConnectionOptions): OpenChannel => stream(() => connectTls(options))
export const unixStream = (path: string): OpenChannel => stream(() => connect(path))
