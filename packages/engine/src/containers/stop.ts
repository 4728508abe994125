import { hasCode, SlipwayError } from '@slipway/core'
import { endRun } from './end-run.ts'
import { isUp } from './records.ts'
import { cancelRestart } from './restart-policy.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'
import { startContainer } from './start.ts'

/**
 * Ends a container: its stop signal, patience, SIGKILL. Throws not-modified when it isn't running. Resolves when it has ended
 * and its state is written.
 */
export const stopContainer = async (
  room: ContainerRoom,
  idOrName: string,
  options: { readonly timeout?: number; readonly signal?: number } = {},
): Promise<void> => {
  const record = room.records.find(idOrName)
  if (record.state.status === 'restarting') {
    cancelRestart(room, record.id)
    await room.records.setState(record.id, { status: 'exited', manuallyStopped: true })
    return
  }
  const running = room.running.get(record.id)
  if (!isUp(record) || running === undefined) throw new SlipwayError('not-modified', 'container is already stopped')
  await room.records.setState(record.id, { manuallyStopped: true })
  await endRun(room, record, running, options)
  publishContainerEvent(room, room.records.get(record.id) ?? record, 'stop')
}

/** Ends it and starts it. Whoever looks in between sees that it comes back; `--rm` doesn't count. */
export const restartContainer = async (
  room: ContainerRoom,
  idOrName: string,
  options: { readonly timeout?: number; readonly signal?: number } = {},
): Promise<void> => {
  const record = room.records.find(idOrName)
  room.restartsAsked.add(record.id)
  try {
    await stopContainer(room, record.id, options).catch((error) => {
      if (!hasCode(error, 'not-modified')) throw error
    })
  } finally {
    room.restartsAsked.delete(record.id)
  }
  await startContainer(room, record.id)
  publishContainerEvent(room, room.records.get(record.id) ?? record, 'restart')
}
