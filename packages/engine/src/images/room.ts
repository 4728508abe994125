import type { RegistryRules } from '@slipway/remote'
import type { Collector } from './collect.ts'
import type { ImageStore } from './store.ts'

/** All that the verbs of this room work with. */
export interface ImageRoom {
  readonly store: ImageStore
  readonly collector: Collector
  /** Mirrors, blocked and insecure registries, and what docker.io stands for. */
  readonly registries: RegistryRules
}
