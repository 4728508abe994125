import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode, SlipwayError } from '@slipway/core'
import { stopSignalOf } from './kill.ts'
import type { ContainerRecord } from './records.ts'
import { type ContainerRoom, publishContainerEvent, type RunningContainer } from './room.ts'

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

export interface EndOptions {
  /** Seconds before SIGKILL. */
  readonly timeout?: number
  readonly signal?: number
}

/** Ends what runs: the stop signal, patience, SIGKILL. Resolves when the end has been dealt with. */
export const endRun = async (
  room: ContainerRoom,
  record: ContainerRecord,
  running: RunningContainer,
  options: EndOptions = {},
): Promise<void> => {
  const { definition, state } = record
  const signal = options.signal ?? stopSignalOf(definition.config.StopSignal)
  publishContainerEvent(room, record, 'kill', { signal: String(signal) })
  await send(running, signal)
  if (state.status === 'paused') await running.task.resume()
  const patience = patienceOf(options.timeout, definition.config.StopTimeout)
  const inTime = patience === Number.POSITIVE_INFINITY ? running.ended.then(() => true) : endedWithin(running, patience)
  if (!(await inTime)) {
    publishContainerEvent(room, record, 'kill', { signal: String(constants.signals.SIGKILL) })
    await send(running, constants.signals.SIGKILL)
    if (!(await endedWithin(running, killGrace))) {
      throw new SlipwayError('internal', `container ${record.id} did not end after SIGKILL`)
    }
  }
}
