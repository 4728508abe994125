import { rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { conflict, hasCode } from '@slipway/core'
import { mountsOf } from './mounts/chosen.ts'
import { removeImageViews } from './mounts/image-views.ts'
import { type ContainerRecord, isUp } from './records.ts'
import { cancelRestart } from './restart-policy.ts'
import { type ContainerRoom, pathsOf, publishContainerEvent } from './room.ts'

export interface RemoveOptions {
  /** Also one that runs. */
  readonly force: boolean
  /** With its volumes that have no name, unless others have them too; `--rm` implies it. */
  readonly volumes?: boolean
}

/** Removes a container, with `force` also one that runs. Throws conflict in docker's words otherwise. */
export const removeContainer = async (room: ContainerRoom, idOrName: string, options: RemoveOptions): Promise<void> => {
  const { id, state, definition } = room.records.find(idOrName)
  if (state.status === 'removing') throw conflict(`removal of container ${id} is already in progress`)
  const running = room.running.get(id)
  if (isUp(room.records.find(id)) && running !== undefined) {
    const { status } = state
    if (!options.force) {
      const advice =
        status === 'paused' ? 'and must be unpaused first' : ': stop the container before removing or force remove'
      throw conflict(`cannot remove container "${idOrName}": container is ${status} ${advice}`.replace(' :', ':'))
    }
    const signal = String(constants.signals.SIGKILL)
    publishContainerEvent(room, await room.records.setState(id, { manuallyStopped: true }), 'kill', { signal })
    await running.task.kill(constants.signals.SIGKILL).catch((error) => {
      if (!hasCode(error, 'not-found')) throw error
    })
    if (status === 'paused') await running.task.resume()
    await running.ended
    // With --rm its end has removed it.
    if (definition.hostConfig.AutoRemove && room.records.get(id) === undefined) return
  }
  await room.lock.run(id, () => removeContainerLocked(room, id, options))
}

/** The removal itself; the caller holds the container's lock and has ended it. */
export const removeContainerLocked = async (room: ContainerRoom, id: string, options: RemoveOptions): Promise<void> => {
  const before = room.records.get(id)
  if (before === undefined) return
  if (isUp(before) && !options.force) throw conflict(`cannot remove container "/${before.name}": container is running`)
  cancelRestart(room, id)
  const record = await room.records.setState(id, { status: 'removing' })
  await room.snapshots.remove(id)
  await removeImageViews(room, id, mountsOf(record.definition))
  await rm(pathsOf(room, id).data, { recursive: true, force: true })
  if (options.volumes || record.definition.hostConfig.AutoRemove) await removeVolumesOf(room, record)
  await room.records.remove(id)
  room.streams.get(id)?.end()
  room.streams.delete(id)
  publishContainerEvent(room, record, 'destroy')
  room.waiters.notifyRemoved(id, record.state.exitCode)
}

const removeVolumesOf = async (room: ContainerRoom, { id, definition }: ContainerRecord): Promise<void> => {
  for (const mount of mountsOf(definition)) {
    if (mount.type !== 'volume' || !mount.anonymous) continue
    try {
      await room.volumes.remove(mount.name, { except: id })
    } catch (error) {
      // Another container has it too, or it is gone.
      if (!hasCode(error, 'conflict') && !hasCode(error, 'not-found')) throw error
    }
  }
}
