import { type CacheRecord, listCache, type PruneLimits, pruneBuilds } from '@slipway/build'
import { type ChainId, chainIds } from '@slipway/core'
import type { BuildKit } from './buildkit/room.ts'

export type CacheRoom = Pick<BuildKit, 'worker' | 'contexts' | 'images'>

/** The stacks of layers that images have, each with those below it. */
const inImages = async ({ images }: CacheRoom): Promise<ReadonlySet<ChainId>> =>
  new Set((await images.store.list()).flatMap(({ config }) => chainIds(config.rootfs.diff_ids)))

/** All that the build cache holds. */
export const cacheRecords = async (room: CacheRoom): Promise<readonly CacheRecord[]> =>
  listCache(room, await inImages(room))

/** Forgets a part of the build cache, and takes away what nobody else needs of it. Returns what is gone from the disk. */
export const pruneCache = async (room: CacheRoom, limits: PruneLimits): Promise<readonly CacheRecord[]> => {
  const forgotten = await pruneBuilds(room, await inImages(room), limits)
  const { snapshots } = await room.images.collector.collect()
  const gone = new Set(snapshots)
  return forgotten.filter(({ kind, name }) => kind !== 'regular' || gone.has(name))
}
