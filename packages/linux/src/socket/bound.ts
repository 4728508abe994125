import { closeSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { invalid } from '@slipway/core'
import { kernel } from '../kernel/calls.ts'
import { check } from '../kernel/error.ts'

const AF_INET = 2
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000

export interface BoundSocket {
  readonly kind: 'tcp' | 'udp'
  /** IPv4. */
  readonly address: string
  /** 0: any that is free. */
  readonly port: number
}

/** struct sockaddr_in. */
const encode = ({ address, port }: BoundSocket): Buffer => {
  if (!isIPv4(address)) throw invalid(`not an IPv4 address: ${JSON.stringify(address.slice(0, 64))}`)
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  Buffer.from(address.split('.').map(Number)).copy(bytes, 4)
  return bytes
}

/**
 * Opens and binds a socket in the network namespace that this thread is in, and returns its descriptor, for
 * `server.listen({ fd })` or `socket.bind({ fd })`: Node, given an address, looks it up first, and binds when the thread has
 * gone home. The descriptor belongs to the caller.
 */
export const openBoundSocket = (socket: BoundSocket): number => {
  const kind = (socket.kind === 'tcp' ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC
  const address = encode(socket)
  const fd = check(kernel.socket(AF_INET, kind, 0), 'socket')
  try {
    check(kernel.bind(fd, address, address.length), 'bind', `${socket.address}:${socket.port}`)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
