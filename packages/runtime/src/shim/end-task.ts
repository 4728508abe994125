import { SlipwayError } from '@slipway/core'
import type { ShimConnection } from './connection.ts'
import { ignoring } from './tolerate.ts'

const SIGKILL = 9
/** For a kill to do its work; a process that waits for a dead disk can take for ever. */
const patience = 10_000

/** Kills what a shim's container runs and has the shim forget it. Nothing to do when it knows no such container. */
export const endTask = async (connection: ShimConnection, id: string): Promise<void> => {
  const state = await connection.call('state', { id }).catch(ignoring(['not-found']))
  if (state === undefined) return
  await connection
    .call('kill', { id, signal: SIGKILL, all: true })
    .catch(ignoring(['not-found', 'conflict', 'internal']))
  // A frozen process doesn't die before it is let go on.
  await connection.call('resume', { id }).catch(ignoring(['not-found', 'conflict', 'internal']))
  await beforeLong(connection.call('wait', { id }))
  await connection.call('delete', { id }).catch(ignoring(['not-found']))
}

const beforeLong = async <T>(waiting: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SlipwayError('unavailable', 'the container could not be killed')), patience)
  })
  return Promise.race([waiting, late]).finally(() => clearTimeout(timer))
}
