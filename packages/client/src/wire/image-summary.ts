import type { ImageManifest } from './image-manifest.ts'

/** Where content is. */
export interface ImageDescriptor {
  readonly mediaType: string
  readonly digest: string
  /** Bytes. */
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
  readonly annotations?: Readonly<Record<string, string>>
}

/** A row of GET /images/json. */
export interface ImageSummary {
  /** `sha256:…` */
  readonly Id: string
  readonly ParentId: string
  readonly RepoTags: readonly string[] | null
  readonly RepoDigests: readonly string[] | null
  /** Unix seconds. */
  readonly Created: number
  /** Bytes, unpacked, all layers. */
  readonly Size: number
  /** Bytes of layers that other images have as well; -1: not counted. */
  readonly SharedSize: number
  readonly Labels: Readonly<Record<string, string>> | null
  /** How many containers use it; -1: not counted. */
  readonly Containers: number
  /** When `manifests` is asked for, of an image that came with an index. */
  readonly Manifests?: readonly ImageManifest[]
}
