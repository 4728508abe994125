import type { ChainId, Digest } from '@slipway/core'
import type { Propagation } from '@slipway/runtime'

interface Place {
  readonly destination: string
  /** As written: `ro,z`. */
  readonly mode: string
  readonly readonly: boolean
}

export interface BindMount extends Place {
  readonly type: 'bind'
  readonly source: string
  readonly propagation: Propagation
  /** `-v` makes a missing source directory, `--mount` doesn't. */
  readonly createSource: boolean
  readonly nonRecursive?: boolean
}

export interface VolumeMount extends Place {
  readonly type: 'volume'
  readonly name: string
  /** Nobody gave it a name: it goes with `rm -v`. */
  readonly anonymous: boolean
  /** While it is empty, what the image has at this place is copied into it. */
  readonly copy: boolean
  /** Of the volume, only what is at this path in it; empty for all. */
  readonly subpath: string
}

/** One of `--mount`: those of `--tmpfs` are read where they are needed. */
export interface TmpfsMount extends Place {
  readonly type: 'tmpfs'
  readonly options: readonly string[]
}

/** An image's files, to be read only. */
export interface ImageMount extends Place {
  readonly type: 'image'
  /** As it was written. */
  readonly name: string
  readonly imageId: Digest
  readonly chainId: ChainId
  /** Of the image, only what is at this path in it; empty for all. */
  readonly subpath: string
}

/** A mount of a container, chosen when it was made. */
export type ContainerMount = BindMount | VolumeMount | TmpfsMount | ImageMount
