import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { openBoundSocket, withNetns } from '@slipway/linux'
import { isAnswerTo, type Query, rcode, rcodeOf } from './message.ts'

/** A name server elsewhere. */
export interface Upstream {
  readonly address: string
  /** 53 without it. */
  readonly port?: number
  /** The network namespace to ask it from: for a container's own loopback. Without it, the host's. */
  readonly netns?: string
}

const serverTimeout = 2000
const mostServers = 3

/** Asks over UDP. Rejects after the timeout, and at once when nobody listens there. */
const askDatagram = ({ address, port = 53, netns }: Upstream, asked: Buffer, query: Query): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({
      type: isIPv6(address) ? 'udp6' : 'udp4',
      // Addresses need no looking up.
      lookup: (host, _, done) => done(null, host, isIPv6(host) ? 6 : 4),
    })
    const finish = (error: Error | undefined, answer?: Buffer): void => {
      clearTimeout(timer)
      socket.close()
      if (answer === undefined) reject(error)
      else resolve(answer)
    }
    const timer = setTimeout(() => finish(new Error(`${address} does not answer`)), serverTimeout)
    socket.once('error', (error) => finish(error))
    // The socket is connected: the kernel lets only this server's datagrams through.
    socket.on('message', (answer) => {
      if (isAnswerTo(asked, answer, query)) finish(undefined, answer)
    })
    if (netns !== undefined) {
      // Bound at once, while the thread is there; connecting does not move it.
      socket.bind({ fd: withNetns(netns, () => openBoundSocket({ kind: 'udp', address: '0.0.0.0', port: 0 })) })
    }
    socket.connect(port, address, () => socket.send(asked))
  })

/** Asks over TCP: the length in two bytes, then the message (RFC 1035 section 4.2.2). */
const askStream = ({ address, port = 53 }: Upstream, asked: Buffer, query: Query): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: address, port })
    const chunks: Buffer[] = []
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(serverTimeout, () => fail(new Error(`${address} does not answer`)))
    socket.once('error', fail)
    socket.once('close', () => reject(new Error(`${address} closed the connection`)))
    socket.write(Buffer.concat([Buffer.of(asked.length >> 8, asked.length & 0xff), asked]))
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE()) return
      const answer = bytes.subarray(2, 2 + bytes.readUInt16BE())
      if (isAnswerTo(asked, answer, query)) resolve(answer)
      socket.destroy()
    })
  })

/**
 * Asks the servers in turn until one knows: one that is silent, refuses or fails is stepped over. Undefined when none
 * does. The answer bears the query's id; towards the servers a random one is used.
 */
export const forward = async (
  message: Buffer,
  query: Query,
  { servers, stream }: { readonly servers: readonly Upstream[]; readonly stream: boolean },
): Promise<Buffer | undefined> => {
  const asked = Buffer.from(message)
  asked.writeUInt16BE(randomInt(0x10000), 0)
  let last: Buffer | undefined
  for (const server of servers.slice(0, mostServers)) {
    if (stream && server.netns !== undefined) continue
    const answer = await (stream ? askStream : askDatagram)(server, asked, query).catch(() => undefined)
    if (answer === undefined) continue
    last = Buffer.from(answer)
    last.writeUInt16BE(query.id, 0)
    const code = rcodeOf(answer)
    if (code !== rcode.failure && code !== rcode.refused && code !== rcode.notImplemented) return last
  }
  return last
}
