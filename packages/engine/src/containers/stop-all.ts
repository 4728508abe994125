import { hasCode } from '@slipway/core'
import type { ContainerRecord } from './records.ts'
import { restartDelay } from './restart-policy.ts'
import type { ContainerRoom } from './room.ts'
import { stopContainer } from './stop.ts'

/** What `stopContainer` can stop: it has a task, or will have one again in a moment. */
const isLive = ({ pendingRestarts, running }: ContainerRoom, { id }: ContainerRecord): boolean =>
  running.has(id) || pendingRestarts.has(id)

const stopForNow = async (room: ContainerRoom, id: string, timeout: number | undefined): Promise<boolean> => {
  try {
    await stopContainer(room, id, timeout === undefined ? {} : { timeout })
  } catch (error) {
    // Ended or removed meanwhile: that is all we want.
    if (hasCode(error, 'not-modified') || hasCode(error, 'not-found')) return false
    throw error
  }
  await returnLater(room, id)
  return true
}

/** Nobody asked for this one to stay down: its restart policy brings it back with the next engine. */
const returnLater = async (room: ContainerRoom, id: string): Promise<void> => {
  const record = room.records.get(id)
  if (record === undefined) return
  const state = { ...record.state, manuallyStopped: false }
  const run = { exitCode: state.exitCode, ranFor: 0, lastDelay: undefined }
  const returns = restartDelay({ ...record, state }, run) !== undefined
  await room.records.setState(id, { manuallyStopped: false, ...(returns ? { status: 'restarting' } : {}) })
}

/**
 * Ends every container because the engine is to go, with so many seconds of patience (default: each its own). Those with a
 * restart policy come back when an engine starts again. Resolves with how many there were.
 */
export const stopAllContainers = async (
  room: ContainerRoom,
  { timeout }: { readonly timeout?: number | undefined } = {},
): Promise<number> => {
  let stopped = 0
  // A client may have started another one meanwhile.
  for (let live = liveIn(room); live.length > 0; live = liveIn(room)) {
    const outcomes = await Promise.all(live.map(({ id }) => stopForNow(room, id, timeout)))
    const ended = outcomes.filter(Boolean).length
    if (ended === 0) break
    stopped += ended
  }
  return stopped
}

const liveIn = (room: ContainerRoom): readonly ContainerRecord[] =>
  room.records.all().filter((record) => isLive(room, record))
