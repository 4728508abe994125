import { invalid } from '@slipway/core'
import { parseContainerName } from './records.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'

export const renameContainer = (room: ContainerRoom, idOrName: string, newName: string): Promise<void> => {
  const before = room.records.find(idOrName)
  const name = parseContainerName(newName)
  if (name === before.name) {
    throw invalid('Renaming a container with the same name as its current name')
  }
  return room.lock.run(before.id, async () => {
    await room.records.rename(before.id, name)
    await room.networks.rename(room.records.find(before.id))
    publishContainerEvent(room, room.records.find(before.id), 'rename', { oldName: `/${before.name}` })
  })
}
