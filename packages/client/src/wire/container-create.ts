import type { ContainerConfig } from './container-config.ts'
import type { NetworkingConfig } from './endpoint-settings.ts'
import type { HostConfig, RestartPolicy } from './host-config.ts'
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
}

export interface ContainerUpdateResponse {
  readonly Warnings: readonly string[] | null
}
