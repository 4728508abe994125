import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode, SlipwayError } from '@slipway/core'
import { stopSignalOf } from './kill.ts'
import { isUp } from './records.ts'
import { cancelRestart } from './restart-policy.ts'
import { type ContainerRoom, publishContainerEvent, type RunningContainer } from './room.ts'
import { startContainer } from './start.ts'

const defaultTimeout = 10
/** SIGKILL can't be refused; what hasn't ended after this hangs in the kernel. */
const killGrace = 10

const send = async (running: RunningContainer, signal: number): Promise<void> => {
  try {
    await running.task.kill(signal)
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error
  }
}

const endedWithin = (running: RunningContainer, seconds: number): Promise<boolean> => {
  const patience = new AbortController()
  const late = delay(seconds * 1000, false, { signal: patience.signal }).catch(() => false)
  return Promise.race([running.ended.then(() => true), late]).finally(() => patience.abort())
}

/** Seconds to wait before SIGKILL: what the caller says, else the container; below 0 is for ever. */
const patienceOf = (asked: number | undefined, configured: number | null | undefined): number => {
  const seconds = asked ?? configured ?? defaultTimeout
  return seconds < 0 ? Number.POSITIVE_INFINITY : seconds
}

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
  const { config } = record.definition
  if (record.state.status === 'restarting') {
    cancelRestart(room, record.id)
    await room.records.setState(record.id, { status: 'exited', manuallyStopped: true })
    return
  }
  const running = room.running.get(record.id)
  if (!isUp(record) || running === undefined) throw new SlipwayError('not-modified', 'container is already stopped')
  await room.records.setState(record.id, { manuallyStopped: true })
  const signal = options.signal ?? stopSignalOf(config.StopSignal)
  publishContainerEvent(room, record, 'kill', { signal: String(signal) })
  await send(running, signal)
  if (record.state.status === 'paused') await running.task.resume()
  const patience = patienceOf(options.timeout, config.StopTimeout)
  const inTime = patience === Number.POSITIVE_INFINITY ? running.ended.then(() => true) : endedWithin(running, patience)
  if (!(await inTime)) {
    publishContainerEvent(room, record, 'kill', { signal: String(constants.signals.SIGKILL) })
    await send(running, constants.signals.SIGKILL)
    if (!(await endedWithin(running, killGrace))) {
      throw new SlipwayError('internal', `container ${record.id} did not end after SIGKILL`)
    }
  }
  publishContainerEvent(room, room.records.get(record.id) ?? record, 'stop')
}

export const restartContainer = async (
  room: ContainerRoom,
  idOrName: string,
  options: { readonly timeout?: number; readonly signal?: number } = {},
): Promise<void> => {
  const record = room.records.find(idOrName)
  const { AutoRemove } = record.definition.hostConfig
  await stopContainer(room, record.id, options).catch((error) => {
    if (!hasCode(error, 'not-modified')) throw error
  })
  if (AutoRemove && room.records.get(record.id) === undefined) return
  await startContainer(room, record.id)
  publishContainerEvent(room, room.records.get(record.id) ?? record, 'restart')
}
