import type {
  ContentStore,
  Database,
  Digest,
  HasFiles,
  ImageConfig,
  Lease,
  Leases,
  Platform,
  Resources,
  Snapshotter,
} from '@slipway/core'
import type { ForegroundRuntime } from '@slipway/runtime'
import type { Finding } from './dockerfile/check/rules.ts'
import type { BuildClient, Edge } from './graph/vertex.ts'
import type { StepLimits } from './ops/exec.ts'
import type { FileSource } from './ops/file/select.ts'
import type { RemoteFiles } from './ops/source.ts'
import type { Observer } from './solver/solver.ts'

/** All that a build may touch. The engine puts it together; tests do so with parts of their own. */
export interface BuildWorker {
  /** Where steps get their cgroups, and who makes them. Default: below `/slipway`, and the OCI runtime. */
  readonly cgroups?: { readonly parent: string | undefined; readonly systemd: boolean }
  readonly content: ContentStore & HasFiles
  readonly snapshots: Snapshotter
  readonly runtime: Pick<ForegroundRuntime, 'run' | 'cleanup'>
  readonly images: BuildImages
  readonly networks: StepNetworks
  /** What was built before, and under which key (see `buildMigrations`). */
  readonly cache: Database
  readonly leases: Leases
  /** A directory for bundles and mounts; what a dead build left in it is removed by `removeLeftovers()`. */
  readonly scratch: string
}

/** What is sent with a pull: the fields of docker's X-Registry-Config. */
export interface RegistryLogin {
  readonly username?: string
  readonly password?: string
  readonly identityToken?: string
  readonly registryToken?: string
}

/** What to show to a registry, by its host; undefined: nothing. */
export type LoginSource = (registry: string, signal: AbortSignal) => Promise<RegistryLogin | undefined>

/** One line of docker's pull stream. */
export interface PullProgress {
  readonly status: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
}

export interface ResolveOptions {
  /** Ask the registry even when the image is here. */
  readonly pull: boolean
  readonly platform: Platform
  readonly logins?: LoginSource
  /** Held until the build is over: the snapshots of the image must not go away meanwhile. */
  readonly lease: Lease
  readonly signal: AbortSignal
  readonly onProgress?: (progress: PullProgress) => void
}

/** An image whose layers are all there as committed snapshots, named by the chain ids of `config.rootfs.diff_ids`. */
export interface BaseImage {
  readonly id: Digest
  readonly config: ImageConfig
}

export interface SavedImage {
  readonly config: ImageConfig
  /** The image of the step before; undefined for the first one. */
  readonly parent?: Digest
  readonly lease: Lease
}

/** Images as a build sees them. */
export interface BuildImages {
  /** `reference` is what stands after FROM: a name, a name with a digest, an image id or the beginning of one. */
  resolve(reference: string, options: ResolveOptions): Promise<BaseImage>
  /**
   * Records an image without a name. Its layers are committed snapshots already. Returns the config's digest, which is
   * the image's id; an image that is there already is no error.
   */
  save(image: SavedImage): Promise<{ readonly id: Digest }>
  /** Names it; the name is taken away from whatever had it. */
  tag(reference: string, id: Digest): Promise<void>
}

/** `network:NAME`: one that was made beside the engine's own. */
export type StepNetwork = 'default' | 'none' | 'host' | `network:${string}`

/** The network of one RUN. Disposing takes it down. */
export interface AttachedNetwork extends AsyncDisposable {
  /** To be joined by the step's process; undefined: the host's own. */
  readonly netns?: string
  /** Host paths of the files that are mounted over those in /etc. */
  readonly files: { readonly resolvConf: string; readonly hosts: string }
}

export interface StepNetworks {
  /** `extraHosts` are lines of `name:address`, as after `--add-host`. */
  attach(
    stepId: string,
    mode: StepNetwork,
    options: {
      /** For the files; made if it isn't there, and removed after the step. */
      readonly directory: string
      /** What the step calls its machine. */
      readonly hostname: string
      readonly extraHosts: readonly string[]
      readonly signal: AbortSignal
    },
  ): Promise<AttachedNetwork>
}

/** A context that stays with the client until a step needs something of it. */
export interface RemoteContext {
  readonly kind: 'remote'
  readonly files: RemoteFiles
  /** The patterns of its .dockerignore, or of the Dockerfile's own. */
  readonly ignore: readonly string[]
  /** When it was changed last, where that can be told: seconds since 1970. */
  readonly modifiedAt?: ModifiedAt
}

/** A commit has a time, what comes from the web mostly too; a directory has none that means something. */
export type ModifiedAt = (signal: AbortSignal) => Promise<number | undefined>

/** What a name in the Dockerfile stands for, instead of a stage or an image (`--build-context`). */
export type NamedContext =
  | RemoteContext
  | { readonly kind: 'image'; readonly reference: string }
  /** What another build made. */
  | { readonly kind: 'built'; readonly config: ImageConfig }
  /** A source that the daemon fetches itself. */
  | { readonly kind: 'source'; readonly edge: Edge; readonly modifiedAt?: ModifiedAt }

/** Fetches a named context: called once, when the Dockerfile needs it. */
export type OpenContext = () => Promise<NamedContext>

export interface ResolveObserver {
  progress(progress: PullProgress): void
  done(error?: unknown): void
}

/** What one build asks for. */
export interface BuildRequest {
  /** What came from outside: nothing in it is trusted. Only read. */
  readonly context: FileSource | RemoteContext
  /** By the names that the Dockerfile has for them. */
  readonly contexts?: ReadonlyMap<string, OpenContext>
  /** The Dockerfile's text. */
  readonly dockerfile: string
  /** Where the Dockerfile lies in the context, to find its own .dockerignore; default `Dockerfile`. */
  readonly dockerfilePath?: string
  readonly tags: readonly string[]
  readonly target?: string
  /** A name without a value (`null`) takes it from nowhere: it is as if it weren't given. */
  readonly buildArgs: Readonly<Record<string, string | null>>
  readonly labels: Readonly<Record<string, string>>
  readonly noCache: boolean
  /** Names of stages that are done anew. */
  readonly noCacheStages?: readonly string[]
  /** Tell of each step why it was or wasn't cached. */
  readonly explain?: boolean
  readonly pull: boolean
  readonly platform?: Platform
  readonly networkMode: StepNetwork
  /** What a step that fails leaves behind becomes an image without a name; `detail` of the error has it as `failedImage`. */
  readonly keepFailed?: boolean
  /** All stages are planned, not only those that are needed. */
  readonly allStages?: boolean
  /** RUN may ask for the host's network. Default: yes. */
  readonly hostNetwork?: boolean
  readonly extraHosts: readonly string[]
  /** Bytes of /dev/shm. */
  readonly shmSize?: number
  readonly resources: Resources
  readonly limits?: StepLimits
  readonly logins?: LoginSource
  /** Save the state after every step as an image without a name, as the classic builder does. */
  readonly saveSteps: boolean
  /** A promise is waited for when the event is `output`: then a slow reader slows the step down. */
  readonly onEvent: (event: BuildEvent) => void | Promise<void>
  /** What happens to each vertex; `onEvent` tells of the lines of the file. */
  readonly observer?: Observer
  /** For secrets and SSH agents. */
  readonly client?: BuildClient
  /** An image is looked for, perhaps pulled; it is told how that goes on. */
  readonly onResolve?: (reference: string) => ResolveObserver
  readonly signal: AbortSignal
}

/**
 * What happens, as it happens. Steps are numbered from 1 in the order of the file; those of different stages can run at
 * the same time, so their events come mixed. A step's own events come in this order: started, (pull | running | output)*,
 * finished. A step that fails has no `finished`.
 */
export type BuildEvent =
  | { readonly kind: 'planned'; readonly total: number }
  | { readonly kind: 'started'; readonly step: number; readonly text: string }
  | { readonly kind: 'pull'; readonly step: number; readonly progress: PullProgress }
  /** A RUN's process is about to start; `id` is 64 hexadecimal digits. */
  | { readonly kind: 'running'; readonly step: number; readonly id: string }
  | { readonly kind: 'output'; readonly step: number; readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  /** The triggers (ONBUILD) of a base image come next, as part of its FROM. */
  | { readonly kind: 'triggers'; readonly step: number; readonly count: number }
  | { readonly kind: 'finished'; readonly step: number; readonly cached: boolean; readonly imageId?: Digest }
  /** Only for those who ask (`explain`), and before `finished`: why the step was or wasn't cached. */
  | { readonly kind: 'explained'; readonly step: number; readonly lines: readonly string[] }
  | { readonly kind: 'warning'; readonly text: string }
  /** What a build check found in the Dockerfile. They come before the first step. */
  | { readonly kind: 'check'; readonly finding: Finding }

export interface BuildResult {
  /** The image's id: the digest of its config. */
  readonly id: Digest
  readonly config: ImageConfig
}
