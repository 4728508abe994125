import type { Logger } from '@slipway/core'
import type { RegistryRules } from '@slipway/remote'
import type { Collector } from './collect.ts'
import type { ImageStore } from './store.ts'

/** All that the verbs of this room work with. */
export interface ImageRoom {
  readonly store: ImageStore
  readonly collector: Collector
  /** Mirrors, blocked and insecure registries, and what docker.io stands for. */
  readonly registries: RegistryRules
  /** The snapshotter's name, as `docker info` shows it: `overlay2`. */
  readonly driver: string
  readonly logger: Logger
}
