import { closeSync } from 'node:fs'
import { kernel } from '../kernel/calls.ts'
import { check } from '../kernel/error.ts'
import { AF_INET, AF_INET6, parseIp } from '../netlink/ip.ts'

const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26

/** socket(2)'s kind and protocol. */
const kinds = {
  tcp: [1, 0],
  udp: [2, 0],
  /** One association a socket, as TCP has it (RFC 6458 section 4). Node has no such sockets: it can only be held. */
  sctp: [1, 132],
} as const

export interface BoundSocket {
  readonly kind: keyof typeof kinds
  /** IPv4, or IPv6 and nothing else. */
  readonly address: string
  /** 0: any that is free. */
  readonly port: number
}

/** struct sockaddr_in, struct sockaddr_in6. */
const encode = ({ address, port }: BoundSocket): { readonly family: number; readonly bytes: Buffer } => {
  const { family, bytes: ip } = parseIp(address)
  const bytes = Buffer.alloc(family === AF_INET ? 16 : 28)
  bytes.writeUInt16LE(family, 0)
  bytes.writeUInt16BE(port, 2)
  ip.copy(bytes, family === AF_INET ? 4 : 8)
  return { family, bytes }
}

/**
 * Opens and binds a socket in the network namespace that this thread is in, and returns its descriptor, for
 * `server.listen({ fd })` or `socket.bind({ fd })`: Node, given an address, looks it up first, and binds when the thread has
 * gone home. The descriptor belongs to the caller. Throws the errno: EPROTONOSUPPORT where the kernel has no SCTP.
 */
export const openBoundSocket = (socket: BoundSocket): number => {
  const [kind, protocol] = kinds[socket.kind]
  const { family, bytes } = encode(socket)
  const fd = check(kernel.socket(family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), 'socket')
  try {
    if (family === AF_INET6) {
      const yes = Buffer.of(1, 0, 0, 0)
      check(kernel.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, yes, yes.length), 'setsockopt')
    }
    check(kernel.bind(fd, bytes, bytes.length), 'bind', `${socket.address}:${socket.port}`)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
