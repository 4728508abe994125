import { conflict } from '@slipway/core'
import { type ContainerRoom, publishContainerEvent, type RunningContainer } from './room.ts'

const runningOf = (room: ContainerRoom, id: string): RunningContainer => {
  const running = room.running.get(id)
  if (running === undefined) throw conflict(`container ${id} is not running`)
  return running
}

export const pauseContainer = (room: ContainerRoom, idOrName: string): Promise<void> => {
  const { id } = room.records.find(idOrName)
  return room.lock.run(id, async () => {
    const { state } = room.records.find(id)
    if (state.status === 'paused') throw conflict(`Container ${id} is already paused`)
    await runningOf(room, id).task.pause()
    publishContainerEvent(room, await room.records.setState(id, { status: 'paused' }), 'pause')
  })
}

export const unpauseContainer = (room: ContainerRoom, idOrName: string): Promise<void> => {
  const { id } = room.records.find(idOrName)
  return room.lock.run(id, async () => {
    const { state } = room.records.find(id)
    if (state.status !== 'paused') throw conflict(`Container ${id} is not paused`)
    await runningOf(room, id).task.resume()
    publishContainerEvent(room, await room.records.setState(id, { status: 'running' }), 'unpause')
  })
}
