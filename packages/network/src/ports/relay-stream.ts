import { connect, type Socket } from 'node:net'
import type { RelayTarget } from './bind.ts'

/** Joins an accepted connection with one to the target. Each side's end is passed on, so that half-closed streams work. */
export const relayStream = (client: Socket, target: RelayTarget): void => {
  const upstream = connect({ host: target.address, port: target.port, allowHalfOpen: true, noDelay: true })
  client.setNoDelay(true)
  // `pipe()` passes the end on, and leaves errors to us: either side's failure ends both.
  client.on('error', () => upstream.destroy())
  upstream.on('error', () => client.destroy())
  client.on('close', () => upstream.destroy())
  upstream.on('close', () => client.destroy())
  client.pipe(upstream)
  upstream.pipe(client)
}
