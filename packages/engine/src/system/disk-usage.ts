import type { BuildCacheRecord, DiskUsage, ImageSummary } from '@slipway/client'
import { chainIds } from '@slipway/core'
import { type CacheRoom, cacheRecords } from '../builds/cache.ts'
import { listContainers } from '../containers/list.ts'
import type { ContainerRoom } from '../containers/room.ts'
import { listImages } from '../images/list.ts'
import type { ImageRoom } from '../images/room.ts'
import type { Image, ImageStore } from '../images/store.ts'
import { volumeUsage } from '../volumes/inspect.ts'

export interface DiskUsageParts {
  readonly images: ImageRoom
  readonly containers: ContainerRoom
  readonly builds: CacheRoom
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

const cacheUsage = async (room: CacheRoom): Promise<readonly BuildCacheRecord[]> =>
  (await cacheRecords(room)).map((record) => ({
    ID: record.id,
    Type: record.kind,
    Description: record.description,
    Shared: record.shared,
    InUse: record.inUse,
    Size: record.bytes,
    CreatedAt: record.createdAt,
    LastUsedAt: record.usedAt,
    UsageCount: 1,
  }))

/** `GET /system/df`: of all kinds, or of those that are asked for. */
export const diskUsage = async (
  { images, containers, builds }: DiskUsageParts,
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
    BuildCache: wants('build-cache') ? await cacheUsage(builds) : null,
  }
}
