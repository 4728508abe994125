import type { VolumesPruneResponse } from '@slipway/client'
import { type EventBus, hasCode, invalid } from '@slipway/core'
import { type Filters, flagFilter, labelsMatch } from '../filters.ts'
import { publishPruned } from '../system/pruned.ts'
import { isAnonymous } from './records.ts'
import type { Volumes } from './volumes.ts'

const allOf = (filters: Filters): boolean | undefined => {
  try {
    return flagFilter(filters, 'all')
  } catch (error) {
    const value = filters.get('all')?.[0]?.slice(0, 80)
    throw invalid(`invalid filter 'all': strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`, error)
  }
}

/**
 * Removes the volumes that no container has. `named`: those that someone gave a name to as well, which before API 1.42 was
 * the rule and since then must be asked for by the filter `all`. Those with options of the driver stay, as with docker.
 */
export const pruneVolumes = async (
  { volumes, events }: { readonly volumes: Volumes; readonly events: EventBus },
  filters: Filters,
  { named }: { readonly named: boolean },
): Promise<VolumesPruneResponse> => {
  const all = allOf(filters) ?? named
  const removed: string[] = []
  let reclaimed = 0
  for (const volume of volumes.all()) {
    if (volumes.isHeld(volume.name) || !(all || isAnonymous(volume))) continue
    // What options mount there is not ours, and how to reach it would be lost with the volume.
    if (Object.keys(volume.options).length > 0) continue
    if (!labelsMatch(volume.labels, filters.get('label') ?? [])) continue
    if (filters.get('label!')?.some((text) => labelsMatch(volume.labels, [text]))) continue
    try {
      const size = await volumes.size(volume)
      await volumes.remove(volume.name)
      removed.push(volume.name)
      reclaimed += Math.max(0, size)
    } catch (error) {
      // Someone took or removed it meanwhile.
      if (!hasCode(error, 'conflict') && !hasCode(error, 'not-found')) throw error
    }
  }
  publishPruned(events, 'volume', reclaimed)
  return { VolumesDeleted: removed, SpaceReclaimed: reclaimed }
}
