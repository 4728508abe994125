import type { ContainersPruneResponse } from '@slipway/client'
import { hasCode } from '@slipway/core'
import { type Filters, labelsMatch } from '../filters.ts'
import { untilFilter } from '../moment.ts'
import { publishPruned } from '../system/pruned.ts'
import { sizesOf } from './inspect.ts'
import { isUp } from './records.ts'
import { removeContainer } from './remove.ts'
import type { ContainerRoom } from './room.ts'

/** Removes the containers that have ended, or never ran. */
export const pruneContainers = async (room: ContainerRoom, filters: Filters): Promise<ContainersPruneResponse> => {
  const until = untilFilter(filters.get('until'))
  const removed: string[] = []
  let reclaimed = 0
  for (const record of room.records.all()) {
    const labels = record.definition.config.Labels ?? {}
    if (isUp(record) || record.state.status === 'restarting') continue
    if (until !== undefined && Date.parse(record.createdAt) > until) continue
    if (!labelsMatch(labels, filters.get('label') ?? [])) continue
    if (filters.get('label!')?.some((text) => labelsMatch(labels, [text]))) continue
    try {
      const { SizeRw } = await sizesOf(room, record)
      await removeContainer(room, record.id, { force: false })
      removed.push(record.id)
      reclaimed += SizeRw
    } catch (error) {
      // Someone else removed or started it meanwhile.
      if (!hasCode(error, 'not-found') && !hasCode(error, 'conflict')) throw error
    }
  }
  publishPruned(room.events, 'container', reclaimed)
  return { ContainersDeleted: removed, SpaceReclaimed: reclaimed }
}
