import type { ContainerStatus } from './container-state.ts'
import type { EndpointSettings } from './endpoint-settings.ts'
import type { MountPoint } from './mount.ts'
import type { PortSummary } from './port.ts'

/** A row of GET /containers/json. */
export interface ContainerSummary {
  readonly Id: string
  /** With a slash in front. */
  readonly Names: readonly string[]
  /** As it was written when the container was made; the id when the name means another image now. */
  readonly Image: string
  readonly ImageID: string
  readonly Command: string
  /** Unix seconds. */
  readonly Created: number
  readonly Ports: readonly PortSummary[]
  /** Bytes; with `?size=1`. */
  readonly SizeRw?: number
  readonly SizeRootFs?: number
  readonly Labels: Readonly<Record<string, string>>
  readonly State: ContainerStatus
  /** For people: `Up 2 hours (healthy)`. */
  readonly Status: string
  readonly HostConfig: { readonly NetworkMode: string; readonly Annotations?: Readonly<Record<string, string>> }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, EndpointSettings>> }
  readonly Mounts: readonly MountPoint[]
}
