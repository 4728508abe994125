import { conflict } from '@slipway/core'
import { terminalSide } from '../numbers.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'

const largestSide = 65535

/** `?h=43&w=132`; undefined when either is 0: docker ignores that. Throws invalid in docker's words. */
export const terminalSize = (query: URLSearchParams): { height: number; width: number } | undefined => {
  const height = terminalSide('height', query.get('h') ?? '')
  const width = terminalSide('width', query.get('w') ?? '')
  // A terminal holds 16 bits of each.
  return height && width ? { height: Math.min(height, largestSide), width: Math.min(width, largestSide) } : undefined
}

export const resizeContainer = async (room: ContainerRoom, idOrName: string, query: URLSearchParams): Promise<void> => {
  const size = terminalSize(query)
  const { id } = room.records.find(idOrName)
  const running = room.running.get(id)
  if (running === undefined) throw conflict(`container ${id} is not running`)
  if (size === undefined) return
  await running.task.resize(size)
  const { height, width } = size
  publishContainerEvent(room, room.records.find(id), 'resize', { height: String(height), width: String(width) })
}
