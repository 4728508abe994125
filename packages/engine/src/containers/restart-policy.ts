import type { ContainerRecord } from './records.ts'
import type { ContainerRoom } from './room.ts'

export const firstRestartDelay = 100
const longestRestartDelay = 60_000
/** A run this long makes the back-off begin anew. */
const steadyAfter = 10_000

/** docker's back-off: twice the last one, up to a minute. */
export const nextDelay = (last: number | undefined): number =>
  last === undefined ? firstRestartDelay : Math.min(last * 2, longestRestartDelay)

/** Milliseconds until a container whose run has ended is to be started again; undefined: it stays as it is. */
export const restartDelay = (
  { definition, state }: ContainerRecord,
  run: { readonly exitCode: number; readonly ranFor: number; readonly lastDelay: number | undefined },
): number | undefined => {
  const { Name = 'no', MaximumRetryCount = 0 } = definition.hostConfig.RestartPolicy ?? {}
  if (state.manuallyStopped || Name === 'no' || Name === '') return undefined
  if (Name === 'on-failure' || Name === 'on-unhealthy') {
    // Ended for its health, it may well have ended with 0.
    const wasUnhealthy = Name === 'on-unhealthy' && state.health?.Status === 'unhealthy'
    if (run.exitCode === 0 && !wasUnhealthy) return undefined
    if (MaximumRetryCount > 0 && state.restartCount >= MaximumRetryCount) return undefined
  }
  return nextDelay(run.ranFor >= steadyAfter ? undefined : run.lastDelay)
}

export const cancelRestart = (room: ContainerRoom, id: string): void => {
  clearTimeout(room.pendingRestarts.get(id)?.timer)
  room.pendingRestarts.delete(id)
}
