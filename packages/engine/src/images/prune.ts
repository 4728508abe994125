import type { DeleteResponse, ImagesPruneResponse } from '@slipway/client'
import type { Digest } from '@slipway/core'
import { type Filters, flagFilter } from '../filters.ts'
import { isNameless, namedIndexes } from './companion.ts'
import { compileImageFilters, isDangling } from './list.ts'
import { deletedLayers, removeUnused } from './remove.ts'
import type { ImageRoom } from './room.ts'
import type { Image, ImageStore } from './store.ts'

export const pruneFilters = ['dangling', 'label', 'label!', 'until'] as const

/** Others go with what was built on them, or with the image that has their name. */
const isOfItsOwn = (store: ImageStore, image: Image, named: ReadonlySet<Digest>): boolean =>
  !isNameless(image) || isDangling(store, image, named)

/** `docker image prune`: nameless images; with `dangling=false` all that no container uses. Then everything unreferenced. */
export const pruneImages = async (room: ImageRoom, filters: Filters): Promise<ImagesPruneResponse> => {
  const { store, collector } = room
  const onlyDangling = flagFilter(filters, 'dangling') ?? true
  const matches = await compileImageFilters(store, new Map([...filters].filter(([name]) => name !== 'dangling')))
  const deleted: DeleteResponse[] = []
  const layers = new Set<string>()
  for (const { id } of await store.list()) {
    // Gone meanwhile, perhaps with the image that was built on it.
    const image = await store.get(id)
    if (image === undefined || !matches(image) || store.inUse(id).length > 0) continue
    const named = namedIndexes(await store.list())
    if (onlyDangling ? isDangling(store, image, named) : isOfItsOwn(store, image, named)) {
      const removed = await removeUnused(store, image)
      deleted.push(...removed.records)
      for (const layer of removed.layers) layers.add(layer)
    }
  }
  const { snapshots, reclaimed } = await collector.collect()
  store.publishPruned(reclaimed)
  const all = [...deleted, ...deletedLayers(snapshots, layers)]
  return { ImagesDeleted: all.length > 0 ? all : null, SpaceReclaimed: reclaimed }
}
