import type { ContainerConfig } from './container-config.ts'
import type { ImageManifest } from './image-manifest.ts'

/** GET /images/{name}/json */
export interface ImageInspect {
  /** `sha256:…` */
  readonly Id: string
  readonly RepoTags: readonly string[]
  readonly RepoDigests: readonly string[]
  readonly Parent: string
  readonly Comment: string
  /** RFC 3339; absent when the image doesn't say. */
  readonly Created?: string
  readonly DockerVersion: string
  readonly Author: string
  readonly Config: ContainerConfig | null
  readonly Architecture: string
  readonly Variant?: string
  readonly Os: string
  readonly OsVersion?: string
  /** Bytes, unpacked, all layers. */
  readonly Size: number
  readonly GraphDriver?: { readonly Name: string; readonly Data: Readonly<Record<string, string>> | null }
  readonly RootFS: { readonly Type: string; readonly Layers?: readonly string[] }
  readonly Metadata: { readonly LastTagTime?: string | null }
  readonly Descriptor?: { readonly mediaType: string; readonly digest: string; readonly size: number }
  /** When `manifests` is asked for, of an image that came with an index. */
  readonly Manifests?: readonly ImageManifest[]
}
