import type { ContainerConfig } from './container-config.ts'
import type { ContainerState } from './container-state.ts'
import type { HostConfig } from './host-config.ts'
import type { MountPoint } from './mount.ts'
import type { NetworkSettings } from './network-settings.ts'

/** The configuration as the engine answers it: image and request merged, lists are lists. */
export interface ContainerInspectConfig extends ContainerConfig {
  readonly Cmd: readonly string[] | null
  readonly Entrypoint: readonly string[] | null
  readonly Image: string
}

/** GET /containers/{id}/json */
export interface ContainerInspect {
  readonly Id: string
  /** RFC 3339 with nanoseconds. */
  readonly Created: string
  readonly Path: string
  readonly Args: readonly string[]
  readonly State: ContainerState
  /** The image's id: `sha256:…`. */
  readonly Image: string
  readonly ResolvConfPath: string
  readonly HostnamePath: string
  readonly HostsPath: string
  readonly LogPath: string
  /** With a slash in front. */
  readonly Name: string
  readonly RestartCount: number
  readonly Driver: string
  readonly Platform: string
  readonly MountLabel: string
  readonly ProcessLabel: string
  readonly AppArmorProfile: string
  readonly ExecIDs: readonly string[] | null
  readonly HostConfig: HostConfig
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> | null }
  /** Bytes; with `?size=1`. */
  readonly SizeRw?: number
  readonly SizeRootFs?: number
  readonly Mounts: readonly MountPoint[]
  readonly Config: ContainerInspectConfig
  readonly NetworkSettings: NetworkSettings
  readonly ImageManifestDescriptor?: {
    readonly mediaType: string
    readonly digest: string
    readonly size: number
    readonly platform?: { readonly architecture: string; readonly os: string; readonly variant?: string }
  }
}
