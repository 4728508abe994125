import type { DeleteResponse } from '@slipway/client'
import { conflict, type Platform } from '@slipway/core'
import { isCompanion, namedIndexes } from './companion.ts'
import { otherPlatform, siblingFor } from './platform.ts'
import { deletedLayers, Removal, type RemoveOptions, removeImage } from './remove.ts'
import type { ImageRoom } from './room.ts'
import type { Image } from './store.ts'

/**
 * `docker rmi --platform`: of what a name stands for, the image for one machine. Where it is the only one, that is a removal
 * like any other. Throws not-found when there is none, conflict unless it is forced, in docker's words.
 */
export const removeForPlatform = async (
  room: ImageRoom,
  name: string,
  platform: Platform,
  options: RemoveOptions,
): Promise<readonly DeleteResponse[]> => {
  const { store, collector } = room
  const named = await store.resolve(name)
  const target = await siblingFor(store, named, platform)
  if (target === undefined) throw otherPlatform(named, platform, name)
  const indexes = namedIndexes([named])
  const companions = (await store.list()).filter((image) => isCompanion(image, indexes))
  if (target === named && companions.length === 0) return removeImage(room, name, options)
  if (!options.force) {
    throw conflict('Content will be removed from all images referencing this variant. Use --force to force delete.')
  }
  const removal = new Removal(store, options)
  const obstacle = removal.obstacle(target, { names: false, force: true })
  if (obstacle !== undefined) throw conflict(obstacle)
  await handNamesOn(room, target, companions)
  await removal.removeImage((await store.get(target.id)) ?? target, { force: true, quiet: false })
  const { snapshots } = await collector.collect()
  return [...removal.records, ...deletedLayers(snapshots, removal.layers)]
}

/** The names of what goes are another one's from now on. */
const handNamesOn = async ({ store }: ImageRoom, from: Image, companions: readonly Image[]): Promise<void> => {
  const [heir] = companions.filter(({ id }) => id !== from.id)
  if (heir === undefined) return
  for (const name of [...from.references, ...from.repoDigests]) await store.name(name, heir.id)
}
