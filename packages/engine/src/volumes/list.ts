import { type Filters, flagFilter, labelsMatch, someMatch } from '../filters.ts'
import type { VolumeRecord } from './records.ts'

export const volumeFilters = ['dangling', 'driver', 'label', 'name'] as const

/** The volumes that all filters let through. Throws invalid for a value that a filter doesn't know. */
export const filterVolumes = (
  volumes: readonly VolumeRecord[],
  filters: Filters,
  isUsed: (volume: VolumeRecord) => boolean,
): readonly VolumeRecord[] => {
  const dangling = flagFilter(filters, 'dangling')
  return volumes.filter(
    (volume) =>
      someMatch(filters, 'name', (value) => volume.name.includes(value)) &&
      someMatch(filters, 'driver', (value) => value === 'local') &&
      (dangling === undefined || !isUsed(volume) === dangling) &&
      labelsMatch(volume.labels, filters.get('label') ?? []),
  )
}
