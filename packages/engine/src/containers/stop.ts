import { hasCode, invalid, messageOf, SlipwayError } from '@slipway/core'
import { endRun } from './end-run.ts'
import { isUp } from './records.ts'
import { cancelRestart } from './restart-policy.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'
import { parseSignal } from './signals.ts'
import { startContainer } from './start.ts'

export interface StopOptions {
  /** Seconds until SIGKILL; -1: never. */
  readonly timeout?: number | undefined
  /** As it was written. */
  readonly signal?: string | undefined
  /** What goes before a refusal. */
  readonly failing?: string
}

const timeoutOf = ({ timeout }: StopOptions) => (timeout === undefined ? {} : { timeout })

const askedSignal = (text: string | undefined, failing: string): number | undefined => {
  try {
    return text ? parseSignal(text) : undefined
  } catch (error) {
    throw invalid(`${failing}: ${messageOf(error)}`, error)
  }
}

/**
 * Ends a container: its stop signal, patience, SIGKILL. Throws not-modified when it isn't running. Resolves when it has ended
 * and its state is written.
 */
export const stopContainer = async (
  room: ContainerRoom,
  idOrName: string,
  options: StopOptions = {},
): Promise<void> => {
  const record = room.records.find(idOrName)
  if (record.state.status === 'restarting') {
    cancelRestart(room, record.id)
    await room.records.setState(record.id, { status: 'exited', manuallyStopped: true })
    return
  }
  const running = room.running.get(record.id)
  if (!isUp(record) || running === undefined) throw new SlipwayError('not-modified', 'container is already stopped')
  const signal = askedSignal(options.signal, options.failing ?? `cannot stop container: ${idOrName}`)
  await room.records.setState(record.id, { manuallyStopped: true })
  room.stopsAsked.add(record.id)
  try {
    await endRun(room, record, running, { ...timeoutOf(options), ...(signal === undefined ? {} : { signal }) })
  } finally {
    room.stopsAsked.delete(record.id)
  }
}

/** Ends it and starts it. Whoever looks in between sees that it comes back; `--rm` doesn't count. */
export const restartContainer = async (
  room: ContainerRoom,
  idOrName: string,
  options: StopOptions = {},
): Promise<void> => {
  const record = room.records.find(idOrName)
  room.restartsAsked.add(record.id)
  try {
    await stopContainer(room, record.id, { ...options, failing: `Cannot restart container ${idOrName}` }).catch(
      (error) => {
        if (!hasCode(error, 'not-modified')) throw error
      },
    )
  } finally {
    room.restartsAsked.delete(record.id)
  }
  await startContainer(room, record.id)
  publishContainerEvent(room, room.records.get(record.id) ?? record, 'restart')
}
