import { constants } from 'node:os'
import { conflict, hasCode, messageOf, SlipwayError } from '@slipway/core'
import { isUp } from './records.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'
import { parseSignal } from './signals.ts'

/** docker says of every refusal whose it is. */
const named = <T>(idOrName: string, body: () => T): T => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    throw new SlipwayError(error.code, `cannot kill container: ${idOrName}: ${messageOf(error)}`, { cause: error })
  }
}

/** Sends a signal. Throws conflict when it isn't running. A container that was killed by hand isn't restarted. */
export const killContainer = async (room: ContainerRoom, idOrName: string, signalText: string): Promise<void> => {
  const signal = named(idOrName, () => parseSignal(signalText || 'SIGKILL'))
  const record = named(idOrName, () => room.records.find(idOrName))
  const running = room.running.get(record.id)
  if (!isUp(record) || running === undefined) {
    throw conflict(`cannot kill container: ${idOrName}: container ${record.id} is not running`)
  }
  if (signal === constants.signals.SIGKILL || signal === stopSignalOf(record.definition.config.StopSignal)) {
    await room.records.setState(record.id, { manuallyStopped: true })
  }
  try {
    await running.task.kill(signal)
    if (record.state.status === 'paused' && signal === constants.signals.SIGKILL) await running.task.resume()
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error
    throw conflict(`cannot kill container: ${idOrName}: container ${record.id} is not running`)
  }
  publishContainerEvent(room, record, 'kill', { signal: String(signal) })
  if (signal === constants.signals.SIGKILL) await running.ended
}

export const stopSignalOf = (configured: string | undefined): number => parseSignal(configured || 'SIGTERM')
