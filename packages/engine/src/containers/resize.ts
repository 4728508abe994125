import { conflict, invalid } from '@slipway/core'
import type { ContainerRoom } from './room.ts'

/** `?h=43&w=132`; undefined when either is 0: docker ignores that. */
export const terminalSize = (query: URLSearchParams): { height: number; width: number } | undefined => {
  const [height, width] = ['h', 'w'].map((name) => {
    const value = Number(query.get(name) || 0)
    if (!Number.isInteger(value) || value < 0 || value > 65535)
      throw invalid(`invalid terminal size: ${query.get(name)}`)
    return value
  })
  return height && width ? { height, width } : undefined
}

export const resizeContainer = async (room: ContainerRoom, idOrName: string, query: URLSearchParams): Promise<void> => {
  const { id } = room.records.find(idOrName)
  const size = terminalSize(query)
  const running = room.running.get(id)
  if (running === undefined) throw conflict(`container ${id} is not running`)
  if (size) await running.task.resize(size)
}
