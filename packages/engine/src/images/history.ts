import type { HistoryItem } from '@slipway/client'
import { chainIds, familiarName, type Platform } from '@slipway/core'
import { imageFor } from './platform.ts'
import type { ImageRoom } from './room.ts'
import type { Image } from './store.ts'

const missing = '<missing>'

/** The image, the one it was built on, and so on, as far as they are here. */
const lineage = async ({ store }: ImageRoom, image: Image): Promise<readonly Image[]> => {
  const line = [image]
  for (let id = image.parent; id !== undefined; id = line.at(-1)?.parent) {
    const parent = await store.get(id)
    if (parent === undefined) break
    line.push(parent)
  }
  return line
}

/** `GET /images/{name}/history`, newest first, of the one for `platform` where that is asked for. Throws not-found. */
export const imageHistory = async (
  room: ImageRoom,
  name: string,
  platform?: Platform,
): Promise<readonly HistoryItem[]> => {
  const image = await imageFor(room.store, name, platform)
  const chain = chainIds(image.config.rootfs.diff_ids)
  let layer = 0
  const rows = (image.config.history ?? []).map((entry): HistoryItem => {
    const chainId = entry.empty_layer === true ? undefined : chain[layer++]
    return {
      Id: missing,
      Created: Math.floor((Date.parse(entry.created ?? '') || 0) / 1000),
      CreatedBy: entry.created_by ?? '',
      Tags: null,
      Size: chainId === undefined ? 0 : room.store.layerBytes(chainId),
      Comment: entry.comment ?? '',
    }
  })
  const ancestors = await lineage(room, image)
  return rows.toReversed().map((row, place) => {
    const ancestor = ancestors[place]
    return ancestor === undefined
      ? row
      : { ...row, Id: ancestor.id, Tags: ancestor.references.length > 0 ? ancestor.references.map(familiarName) : null }
  })
}
