import { beforeLong } from './before-long.ts'
import type { ShimConnection } from './connection.ts'
import { ignoring } from './tolerate.ts'

/** Ends a shim that has no container any more (one that has goes on), and the connection to it. */
export const shutdownShim = async (connection: ShimConnection): Promise<void> => {
  await beforeLong(connection.call('shutdown', { now: true })).catch(ignoring(['unavailable', 'not-found']))
  await connection[Symbol.asyncDispose]()
}
