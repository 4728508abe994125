import type { ImageDescriptor } from './image-summary.ts'

/** One entry of an image's index, in GET /images/json and GET /images/{name}/json when `manifests` is asked for. */
export interface ImageManifest {
  /** The manifest's digest. */
  readonly ID: string
  readonly Descriptor: ImageDescriptor
  /** Every part of it is here. */
  readonly Available: boolean
  /** Bytes: of the blobs that are here, and of those with what was unpacked of them. */
  readonly Size: { readonly Content: number; readonly Total: number }
  readonly Kind: 'image' | 'attestation' | 'unknown'
  readonly ImageData?: {
    readonly Platform: { readonly os: string; readonly architecture: string; readonly variant?: string }
    readonly Size: { readonly Unpacked: number }
    /** Ids of those that use it. */
    readonly Containers: readonly string[]
  }
  /** The digest of the manifest that it is about. */
  readonly AttestationData?: { readonly For: string }
}
