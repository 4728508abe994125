import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { RelayTarget } from './bind.ts'

/** One client's datagrams go out of one socket, so that answers find their way back. */
interface Session {
  readonly socket: Socket
  timer: NodeJS.Timeout
}

const idleMilliseconds = 90_000
const maximumSessions = 1024

/** Passes datagrams that reach `front` on to the target, and the answers back to who asked. */
export const relayDatagrams = (
  front: Socket,
  targetOf: () => RelayTarget | undefined,
): { readonly close: () => void } => {
  const sessions = new Map<string, Session>()

  const end = (key: string): void => {
    const session = sessions.get(key)
    if (session === undefined) return
    sessions.delete(key)
    clearTimeout(session.timer)
    session.socket.close()
  }

  const expire = (key: string): NodeJS.Timeout => setTimeout(end, idleMilliseconds, key).unref()

  const begin = (key: string, client: RemoteInfo): Session => {
    // A flood of clients pushes out the oldest session, never the memory.
    const oldest = sessions.size >= maximumSessions ? sessions.keys().next().value : undefined
    if (oldest !== undefined) end(oldest)
    const socket = createSocket('udp4')
    socket.on('message', (answer) => front.send(answer, client.port, client.address))
    socket.on('error', () => end(key))
    socket.unref()
    const session = { socket, timer: expire(key) }
    sessions.set(key, session)
    return session
  }

  front.on('message', (datagram, client) => {
    const target = targetOf()
    if (target === undefined) return
    const key = `${client.address} ${client.port}`
    const session = sessions.get(key) ?? begin(key, client)
    clearTimeout(session.timer)
    session.timer = expire(key)
    session.socket.send(datagram, target.port, target.address)
  })
  front.on('error', () => {})

  return {
    close: () => {
      for (const key of [...sessions.keys()]) end(key)
    },
  }
}
