import type { Readable } from 'node:stream'
import type { ByteRange, Bytes } from './content.ts'
import type { Descriptor, Platform } from './descriptor.ts'
import type { DiffId } from './digest.ts'
import type { Reference } from './reference.ts'

/** OCI image-spec manifest.md, and docker's manifest v2 schema 2, which has the same shape. */
export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** OCI image-spec image-index.md, and docker's manifest list. */
export interface Index {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly artifactType?: string
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** Times in nanoseconds, as docker stores them; 0 means inherit. */
export interface Healthcheck {
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

/** What a container of the image does by default (OCI image-spec config.md, with docker's additions). */
export interface RunConfig {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly ArgsEscaped?: boolean
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  /** Seconds. */
  readonly StopTimeout?: number
  readonly Healthcheck?: Healthcheck
  readonly OnBuild?: readonly string[]
  readonly Shell?: readonly string[]
}

export interface HistoryEntry {
  readonly created?: string
  readonly created_by?: string
  readonly author?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

/** The image config: its digest is the image ID. */
export interface ImageConfig {
  readonly architecture: string
  readonly os: string
  readonly variant?: string
  readonly created?: string
  readonly author?: string
  readonly config?: RunConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly DiffId[] }
  readonly history?: readonly HistoryEntry[]
}

/** Where images come from: a registry, the local store, an OCI layout, a docker-save tar. */
export interface ImageSource {
  /** What the tag or digest stands for. Throws not-found. */
  resolve(reference: Reference): Promise<Descriptor>
  /** Throws not-found. */
  fetch(target: Descriptor, range?: ByteRange): Promise<Readable>
}

/** Where images go. `push` of content that is there already does nothing. */
export interface ImageTarget {
  has(target: Descriptor): Promise<boolean>
  /** Takes blobs and manifests alike; `target.mediaType` says which. Verifies digest and size. */
  push(target: Descriptor, bytes: Bytes): Promise<void>
  /** Names what is there already. */
  tag(reference: Reference, target: Descriptor): Promise<void>
}

/** Optional power: a registry can take a blob from a sister repository without moving its bytes. */
export interface CanMount {
  mount(target: Descriptor, from: Reference): Promise<boolean>
}

/** Optional power: a registry takes the bytes of a blob before anyone knows what they will be. */
export interface CanStream {
  /** Sends `bytes` as they come; `made` tells what they were, when they have ended. */
  stream(bytes: Bytes, made: Promise<Descriptor>): Promise<void>
}

export interface CopyProgress {
  readonly descriptor: Descriptor
  readonly state: 'waiting' | 'skipped' | 'exists' | 'mounted' | 'copying' | 'done'
  /** Bytes moved so far. */
  readonly bytes: number
}

export interface CopyOptions {
  /** Of an index, which to take; default: all. A manifest that is no index is taken as it is. */
  readonly platform?: Platform
  /** Blobs in flight at once; default 3. */
  readonly concurrency?: number
  readonly onProgress?: (step: CopyProgress) => void
  /** Blobs that stay where they are: those that may not be given on; default: none. */
  readonly skip?: (target: Descriptor) => boolean
  /** A sister repository that may have the blobs, by blob digest (see CanMount). */
  readonly mountFrom?: (target: Descriptor) => Reference | undefined
  readonly signal?: AbortSignal
}
