import type { ContainerSummary } from './container-summary.ts'
import type { ImageSummary } from './image-summary.ts'
import type { Volume } from './volume.ts'

/** A stack of layers that the build cache stands on. */
export interface BuildCacheRecord {
  readonly ID: string
  readonly Type: string
  readonly Description: string
  /** An image stands on it too. */
  readonly Shared: boolean
  readonly InUse: boolean
  /** Bytes. */
  readonly Size: number
  /** RFC 3339. */
  readonly CreatedAt: string
  readonly LastUsedAt: string | null
  readonly UsageCount: number
}

/** GET /system/df. Sizes in bytes on disk. */
export interface DiskUsage {
  /** All images, what they share counted once. */
  readonly LayersSize: number
  readonly Images: readonly ImageSummary[] | null
  readonly Containers: readonly ContainerSummary[] | null
  readonly Volumes: readonly Volume[] | null
  readonly BuildCache: readonly BuildCacheRecord[] | null
}
