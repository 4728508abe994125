import type { ContainersPruneResponse } from '@slipway/client'
import { hasCode, invalid } from '@slipway/core'
import { type Filters, labelsMatch } from '../filters.ts'
import { sizesOf } from './inspect.ts'
import { isUp } from './records.ts'
import { removeContainer } from './remove.ts'
import type { ContainerRoom } from './room.ts'

const units: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3 }

/** `until=10m`, a time or unix seconds, in milliseconds since the epoch. Throws invalid. */
const untilOf = (text: string): number => {
  if (/^(\d+[hms])+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+)([hms])/g)]
    return Date.now() - parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0), 0)
  }
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
  if (Number.isNaN(time)) throw invalid(`invalid value for "until": ${text.slice(0, 80)}`)
  return time
}

/** Removes the containers that have ended, or never ran. */
export const pruneContainers = async (room: ContainerRoom, filters: Filters): Promise<ContainersPruneResponse> => {
  const [until] = (filters.get('until') ?? []).map(untilOf)
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
  return { ContainersDeleted: removed, SpaceReclaimed: reclaimed }
}
