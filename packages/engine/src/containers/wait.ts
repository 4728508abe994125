import { invalid } from '@slipway/core'
import type { WaitCondition } from './exit-waiters.ts'
import { isUp } from './records.ts'
import type { ContainerRoom } from './room.ts'

const conditions: Readonly<Record<string, WaitCondition>> = {
  '': 'not-running',
  'not-running': 'not-running',
  'next-exit': 'next-exit',
  removed: 'removed',
}

export const parseWaitCondition = (text: string): WaitCondition => {
  const condition = conditions[text]
  if (condition === undefined) throw invalid(`invalid condition: "${text}"`)
  return condition
}

/** Resolves with the container's exit code. It is registered when this returns: a start that follows can't be missed. */
export const waitContainer = (
  room: ContainerRoom,
  idOrName: string,
  condition: WaitCondition,
  signal: AbortSignal,
): Promise<number> => {
  const record = room.records.find(idOrName)
  const restarting = record.state.status === 'restarting'
  if (condition === 'not-running' && !isUp(record) && !restarting) return Promise.resolve(record.state.exitCode)
  return room.waiters.wait(record.id, condition, signal)
}
