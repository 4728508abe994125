import { invalid, messageOf, SlipwayError } from '@slipway/core'
import { parseContainerName } from './records.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'

/** Both refusals of a name stand behind these words of docker's. */
const allocate = <T>(body: () => T): T => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    throw new SlipwayError(error.code, `Error when allocating new name: ${messageOf(error)}`, { cause: error })
  }
}

export const renameContainer = (room: ContainerRoom, idOrName: string, newName: string): Promise<void> => {
  if (newName === '') throw invalid('Neither old nor new names may be empty')
  const before = room.records.find(idOrName)
  const name = allocate(() => parseContainerName(`/${newName.replace(/^\//, '')}`))
  if (name === before.name) {
    throw invalid('Renaming a container with the same name as its current name')
  }
  return room.lock.run(before.id, async () => {
    allocate(() => room.records.assertNameFree(name))
    await room.records.rename(before.id, name)
    await room.networks.rename(room.records.find(before.id))
    publishContainerEvent(room, room.records.find(before.id), 'rename', { oldName: `/${before.name}` })
  })
}
