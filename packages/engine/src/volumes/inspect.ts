import type { Volume } from '@slipway/client'
import type { VolumeRecord } from './records.ts'
import type { Volumes } from './volumes.ts'

const orNull = (pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null =>
  Object.keys(pairs).length > 0 ? pairs : null

/** A volume as the API shows it. */
export const inspectVolume = (volumes: Volumes, { name, labels, options, createdAt }: VolumeRecord): Volume => ({
  CreatedAt: createdAt,
  Driver: 'local',
  Labels: orNull(labels),
  Mountpoint: volumes.pathOf(name),
  Name: name,
  Options: orNull(options),
  Scope: 'local',
})

/** For `GET /system/df`: with what it takes on disk, and how many containers have it. */
export const volumeUsage = async (volumes: Volumes): Promise<readonly Volume[]> => {
  const rows: Volume[] = []
  for (const volume of volumes.all()) {
    const RefCount = volumes.usersOf(volume.name).length
    rows.push({ ...inspectVolume(volumes, volume), UsageData: { Size: await volumes.size(volume), RefCount } })
  }
  return rows
}
