import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { createServer, isIPv6, type Socket } from 'node:net'
import { hasErrno, type PortMapping } from '@slipway/core'
import { openBoundSocket } from '@slipway/linux'
import { relayDatagrams } from './relay-datagrams.ts'
import { relayStream } from './relay-stream.ts'

/** Where a relay sends what reaches the bound socket itself. */
export interface RelayTarget {
  readonly address: string
  readonly port: number
}

/**
 * A host port that is really ours: no other program can take it. Packets that nftables redirects never reach the socket;
 * what does (IPv6, whose packets can't be translated to IPv4) is relayed to the target.
 */
export interface BoundPort extends AsyncDisposable {
  /** Undefined: connections are refused, which is so until the container listens. */
  target: RelayTarget | undefined
}

/** Who binds ports: this process, or one that outlives it (`Keeper`). */
export interface PortBinder {
  /** Takes the port. Throws the errno of socket(2) and bind(2). */
  bind(containerId: string, mapping: PortMapping): Promise<BoundPort>
}

const bindStream = async (mapping: PortMapping): Promise<BoundPort> => {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const { target } = bound
    if (target === undefined) {
      socket.destroy()
      return
    }
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    relayStream(socket, target)
  })
  const bound: BoundPort = {
    target: undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.listen({ host: mapping.hostIp, port: mapping.hostPort, ipv6Only: true, exclusive: true })
  await once(server, 'listening')
  server.unref()
  return bound
}

const bindDatagrams = async (mapping: PortMapping): Promise<BoundPort> => {
  const type = isIPv6(mapping.hostIp) ? 'udp6' : 'udp4'
  // An IPv4 socket with ipv6Only can't be bound.
  const socket = createSocket({ type, ipv6Only: type === 'udp6' })
  const relay = relayDatagrams(socket, () => bound.target)
  const bound: BoundPort = {
    target: undefined,
    async [Symbol.asyncDispose]() {
      relay.close()
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
  try {
    socket.bind({ address: mapping.hostIp, port: mapping.hostPort, exclusive: true })
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  socket.unref()
  return bound
}

/**
 * Node has no SCTP, so nothing is relayed: the port is only kept from others. Throws EPROTONOSUPPORT where the kernel has none.
 */
const bindAssociations = ({ hostIp, hostPort }: PortMapping): BoundPort => {
  const fd = openBoundSocket({ kind: 'sctp', address: hostIp, port: hostPort })
  return {
    target: undefined,
    async [Symbol.asyncDispose]() {
      closeSync(fd)
    },
  }
}

/**
 * Takes the port. Throws the errno of socket(2) and bind(2): EADDRINUSE, EADDRNOTAVAIL, EACCES, EAFNOSUPPORT, EPROTONOSUPPORT.
 */
export const bindPort = async (mapping: PortMapping): Promise<BoundPort> => {
  if (mapping.protocol === 'tcp') return bindStream(mapping)
  return mapping.protocol === 'udp' ? bindDatagrams(mapping) : bindAssociations(mapping)
}

/** True when the host has no such address family, or has it switched off. */
export const lacksFamily = (error: unknown): boolean =>
  hasErrno(error, 'EAFNOSUPPORT') || hasErrno(error, 'EADDRNOTAVAIL')

export const ownBinder: PortBinder = { bind: (_, mapping) => bindPort(mapping) }
