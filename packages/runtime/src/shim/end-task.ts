import { beforeLong } from './before-long.ts'
import type { ShimConnection } from './connection.ts'
import { ignoring } from './tolerate.ts'

const SIGKILL = 9
const failedAnyway = ignoring(['not-found', 'conflict', 'internal'])

/**
 * Kills what a shim's container runs and has the shim forget it. Nothing to do when it knows no such container. Throws
 * unavailable when the shim is dead, or hangs.
 */
export const endTask = async (connection: ShimConnection, id: string): Promise<void> => {
  const state = await beforeLong(connection.call('state', { id })).catch(ignoring(['not-found']))
  if (state === undefined) return
  await beforeLong(connection.call('kill', { id, signal: SIGKILL, all: true })).catch(failedAnyway)
  // A frozen process doesn't die before it is let go on.
  await beforeLong(connection.call('resume', { id })).catch(failedAnyway)
  await beforeLong(connection.call('wait', { id }))
  await beforeLong(connection.call('delete', { id })).catch(ignoring(['not-found']))
}
