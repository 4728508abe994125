import type { DiskUsage } from '@slipway/client'

export type ShareName = 'images' | 'containers' | 'volumes' | 'cache'

/** What one kind of things takes, and what its prune would free; bytes. */
export interface Share {
  readonly name: ShareName
  readonly count: number
  readonly size: number
  readonly reclaimable: number
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + Math.max(0, size), 0)

/** As docker's prune understands it: images without a name, containers that have ended, anonymous volumes, the idle cache. */
export const sharesOf = (usage: DiskUsage): readonly Share[] => {
  const images = usage.Images ?? []
  const containers = usage.Containers ?? []
  const volumes = usage.Volumes ?? []
  const cache = usage.BuildCache ?? []
  const unused = images.filter(({ RepoTags, Containers }) => (RepoTags ?? []).length === 0 && Containers <= 0)
  const ended = containers.filter(({ State }) => State !== 'running' && State !== 'paused' && State !== 'restarting')
  const anonymous = volumes.filter(
    ({ Labels, UsageData }) => UsageData?.RefCount === 0 && Labels?.['com.docker.volume.anonymous'] !== undefined,
  )
  return [
    {
      name: 'images',
      count: images.length,
      size: usage.LayersSize,
      reclaimable: sum(unused.map(({ Size, SharedSize }) => Size - Math.max(0, SharedSize))),
    },
    {
      name: 'containers',
      count: containers.length,
      size: sum(containers.map(({ SizeRw = 0 }) => SizeRw)),
      reclaimable: sum(ended.map(({ SizeRw = 0 }) => SizeRw)),
    },
    {
      name: 'volumes',
      count: volumes.length,
      size: sum(volumes.map(({ UsageData }) => UsageData?.Size ?? 0)),
      reclaimable: sum(anonymous.map(({ UsageData }) => UsageData?.Size ?? 0)),
    },
    {
      name: 'cache',
      count: cache.length,
      size: sum(cache.map(({ Size }) => Size)),
      reclaimable: sum(cache.filter(({ InUse, Shared }) => !InUse && !Shared).map(({ Size }) => Size)),
    },
  ]
}
