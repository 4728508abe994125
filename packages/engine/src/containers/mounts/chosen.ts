import type { Digest } from '@slipway/core'
import type { ContainerDefinition } from '../records.ts'
import type { ContainerMount } from './mount.ts'
import { askedMounts } from './parse.ts'

/** The mounts that were chosen when a container was made. Before there were volumes, its request alone told them. */
export const mountsOf = ({
  mounts,
  hostConfig,
}: Pick<ContainerDefinition, 'mounts' | 'hostConfig'>): readonly ContainerMount[] =>
  mounts ?? askedMounts(hostConfig).filter((mount) => mount.type === 'bind' || mount.type === 'tmpfs')

/** The names of a container's volumes, each once. */
export const volumesOf = (definition: Pick<ContainerDefinition, 'mounts'>): readonly string[] => [
  ...new Set((definition.mounts ?? []).flatMap((mount) => (mount.type === 'volume' ? mount.name : []))),
]

/** The ids of the images that a container mounts. */
export const imagesMountedBy = (definition: Pick<ContainerDefinition, 'mounts'>): readonly Digest[] =>
  (definition.mounts ?? []).flatMap((mount) => (mount.type === 'image' ? mount.imageId : []))
