import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Wire } from '@slipway/buildkit'
import { duplicate } from '@slipway/linux'

/** As much as a socket holds at a time. */
const readBytes = 256 << 10

/** The number of a connection of the kernel's own, of which nothing waits to be written; undefined for all others (TLS). */
const descriptorOf = (socket: Duplex): number | undefined => {
  if (!(socket instanceof Socket) || 'encrypted' in socket || socket.writableLength > 0) return undefined
  // Node tells it nowhere else.
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: unknown } | null }
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined
}

/**
 * A connection that is read into one piece of memory again and again: a whole context may come by it, and buffers of 500 MB make
 * the garbage collector go through everything the daemon has, some ten times. Node offers that to who opens a socket only, so it
 * is opened once more. From then on the one that was given is of no use.
 */
export const sessionWire = (socket: Duplex): Wire => {
  const descriptor = descriptorOf(socket)
  if (descriptor === undefined) return { socket, listen: (take) => void socket.on('data', take) }
  let taking: ((bytes: Buffer) => void) | undefined
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  // Of what has been read already nothing is lost: until this turn ends nobody else reads.
  const before: Buffer | null = socket.read()
  const callback = (length: number): boolean => {
    taking?.(buffer.subarray(0, length))
    return true
  }
  const own = new Socket({ fd: duplicate(descriptor), allowHalfOpen: true, onread: { buffer, callback } })
  own.on('error', () => own.destroy())
  socket.destroy()
  return {
    socket: own,
    listen(take) {
      taking = take
      if (before !== null) take(before)
    },
  }
}
