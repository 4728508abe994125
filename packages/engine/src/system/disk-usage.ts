import { cachedLayers } from '@slipway/build'
import type { BuildCacheRecord, DiskUsage, ImageSummary } from '@slipway/client'
import { chainIds, hasCode, hexOf } from '@slipway/core'
import { listContainers } from '../containers/list.ts'
import type { ContainerRoom } from '../containers/room.ts'
import { listImages } from '../images/list.ts'
import type { ImageRoom } from '../images/room.ts'
import type { Image, ImageStore } from '../images/store.ts'
import { volumeUsage } from '../volumes/inspect.ts'

export interface DiskUsageParts {
  readonly images: ImageRoom
  readonly containers: ContainerRoom
}

export type UsageType = 'container' | 'image' | 'volume' | 'build-cache'

/** All that an image is on disk, with its bytes: unpacked layers, and the blobs it came as. */
const partsOf = async (store: ImageStore, image: Image): Promise<ReadonlyMap<string, number>> => {
  const { diff_ids: diffIds } = image.config.rootfs
  const parts = new Map<string, number>()
  for (const chainId of chainIds(diffIds)) parts.set(`layer ${chainId}`, store.layerBytes(chainId))
  const blobs = [...diffIds.flatMap((diffId) => store.layerBlobs(diffId)), ...image.manifests]
  for (const { digest, size } of blobs) parts.set(`blob ${digest}`, size)
  const config = await store.content.stat(image.id)
  if (config !== undefined) parts.set(`blob ${image.id}`, config.size)
  return parts
}

const sum = (sizes: Iterable<number>): number => [...sizes].reduce((total, size) => total + size, 0)

const imageUsage = async (
  room: ImageRoom,
): Promise<{ readonly total: number; readonly rows: readonly ImageSummary[] }> => {
  const { store } = room
  const all = new Map<string, number>()
  const owners = new Map<string, number>()
  const partsById = new Map<string, ReadonlyMap<string, number>>()
  for (const image of await store.list()) {
    const parts = await partsOf(store, image)
    partsById.set(image.id, parts)
    for (const [part, size] of parts) {
      all.set(part, size)
      owners.set(part, (owners.get(part) ?? 0) + 1)
    }
  }
  const summaries = await listImages(room, { all: false, filters: new Map() })
  const rows = summaries.map((summary) => {
    const parts = [...(partsById.get(summary.Id) ?? [])]
    const shared = parts.filter(([part]) => (owners.get(part) ?? 0) > 1)
    return { ...summary, Size: sum(parts.map(([, size]) => size)), SharedSize: sum(shared.map(([, size]) => size)) }
  })
  return { total: sum(all.values()), rows }
}

/** What the build cache stands on, one row a stack; its size is that of the topmost layer. */
const cacheUsage = async ({ store }: ImageRoom): Promise<readonly BuildCacheRecord[]> => {
  const images = await store.list()
  const used = new Set(images.flatMap(({ config }) => chainIds(config.rootfs.diff_ids)))
  const rows: BuildCacheRecord[] = []
  for (const { chainId, createdAt, usedAt } of await cachedLayers(store.database)) {
    const size = await sizeOfLayer(store, chainId)
    if (size === undefined) continue
    rows.push({
      ID: hexOf(chainId).slice(0, 25),
      Type: 'regular',
      Description: 'layers of a build step',
      Shared: used.has(chainId),
      InUse: false,
      Size: size,
      CreatedAt: createdAt,
      LastUsedAt: usedAt,
      UsageCount: 1,
    })
  }
  return rows
}

const sizeOfLayer = async (store: ImageStore, chainId: string): Promise<number | undefined> => {
  try {
    return (await store.snapshots.usage(chainId)).bytes
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined
    throw error
  }
}

/** `GET /system/df`: of all kinds, or of those that are asked for. */
export const diskUsage = async (
  { images, containers }: DiskUsageParts,
  types: ReadonlySet<string>,
): Promise<DiskUsage> => {
  const wants = (type: UsageType): boolean => types.size === 0 || types.has(type)
  const { total, rows } = wants('image') ? await imageUsage(images) : { total: 0, rows: null }
  return {
    LayersSize: total,
    Images: rows,
    Containers: wants('container')
      ? await listContainers(containers, { all: true, size: true, limit: 0, filters: new Map() })
      : null,
    Volumes: wants('volume') ? await volumeUsage(containers.volumes) : null,
    BuildCache: wants('build-cache') ? await cacheUsage(images) : null,
  }
}
