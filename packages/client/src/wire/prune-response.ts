import type { DeleteResponse } from './delete-response.ts'

export interface ContainersPruneResponse {
  readonly ContainersDeleted: readonly string[] | null
  /** Bytes. */
  readonly SpaceReclaimed: number
}

export interface ImagesPruneResponse {
  readonly ImagesDeleted: readonly DeleteResponse[] | null
  /** Bytes. */
  readonly SpaceReclaimed: number
}

export interface NetworksPruneResponse {
  readonly NetworksDeleted: readonly string[] | null
}

export interface VolumesPruneResponse {
  readonly VolumesDeleted: readonly string[] | null
  /** Bytes. */
  readonly SpaceReclaimed: number
}

export interface BuildPruneResponse {
  readonly CachesDeleted: readonly string[] | null
  /** Bytes. */
  readonly SpaceReclaimed: number
}
