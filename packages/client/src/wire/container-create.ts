import type { ContainerConfig } from './container-config.ts'
import type { NetworkingConfig } from './endpoint-settings.ts'
import type { HostConfig, RestartPolicy } from './host-config.ts'
import type { PortMap } from './port.ts'
import type { ContainerResources } from './resources.ts'

/** POST /containers/create */
export interface ContainerCreateBody extends ContainerConfig {
  readonly HostConfig?: HostConfig | null
  readonly NetworkingConfig?: NetworkingConfig | null
}

export interface ContainerCreateResponse {
  readonly Id: string
  readonly Warnings: readonly string[] | null
}

/** POST /containers/{id}/update */
export interface ContainerUpdateBody extends ContainerResources {
  readonly RestartPolicy?: RestartPolicy
  /** Slipway's own: ports that are published from now on, also while it runs. */
  readonly PublishAdd?: PortMap | null
  /** Slipway's own: ports to take back. What a binding leaves out, any has; an empty list is all of that port. */
  readonly PublishRemove?: PortMap | null
}

export interface ContainerUpdateResponse {
  readonly Warnings: readonly string[] | null
}
