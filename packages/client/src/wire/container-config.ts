import type { HealthConfig } from './health.ts'
import type { PortSet } from './port.ts'

/**
 * What of a container can travel from machine to machine: the part that an image can carry as well. Clients send null
 * for what they leave open, and the engine answers null where docker's does.
 */
export interface ContainerConfig {
  readonly Hostname?: string
  readonly Domainname?: string
  /** `user`, `uid`, `user:group`, `uid:gid`; empty: the image's. */
  readonly User?: string
  readonly AttachStdin?: boolean
  readonly AttachStdout?: boolean
  readonly AttachStderr?: boolean
  readonly ExposedPorts?: PortSet | null
  readonly Tty?: boolean
  readonly OpenStdin?: boolean
  /** Close stdin when the one client that attached to it goes. */
  readonly StdinOnce?: boolean
  /** `NAME=value`; `NAME` alone removes the image's. */
  readonly Env?: readonly string[] | null
  /** Old clients send one string. */
  readonly Cmd?: readonly string[] | string | null
  readonly Healthcheck?: HealthConfig | null
  readonly ArgsEscaped?: boolean
  readonly Image?: string
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, never>>>> | null
  readonly WorkingDir?: string
  /** `['']` takes the image's away. */
  readonly Entrypoint?: readonly string[] | string | null
  readonly NetworkDisabled?: boolean
  /** Deprecated since 1.44: now in the endpoint settings. */
  readonly MacAddress?: string
  readonly OnBuild?: readonly string[] | null
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly StopSignal?: string
  /** Seconds. */
  readonly StopTimeout?: number | null
  readonly Shell?: readonly string[] | null
}
