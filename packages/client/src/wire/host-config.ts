import type { MountRequest } from './mount.ts'
import type { PortMap } from './port.ts'
import type { ContainerResources } from './resources.ts'

export interface RestartPolicy {
  readonly Name?: '' | 'no' | 'always' | 'unless-stopped' | 'on-failure' | 'on-unhealthy'
  readonly MaximumRetryCount?: number
}

export interface LogConfig {
  readonly Type?: string
  readonly Config?: Readonly<Record<string, string>> | null
}

/** What of a container belongs to this machine. */
export interface HostConfig extends ContainerResources {
  /** `source:destination[:options]` */
  readonly Binds?: readonly string[] | null
  readonly ContainerIDFile?: string
  readonly LogConfig?: LogConfig
  /** `default`, `bridge`, `host`, `none`, `container:NAME` or a network's name. */
  readonly NetworkMode?: string
  readonly PortBindings?: PortMap | null
  readonly RestartPolicy?: RestartPolicy
  readonly AutoRemove?: boolean
  readonly VolumeDriver?: string
  readonly VolumesFrom?: readonly string[] | null
  readonly Mounts?: readonly MountRequest[] | null
  /** Height, width. */
  readonly ConsoleSize?: readonly number[]
  readonly Annotations?: Readonly<Record<string, string>> | null
  readonly CapAdd?: readonly string[] | null
  readonly CapDrop?: readonly string[] | null
  readonly CgroupnsMode?: string
  readonly Dns?: readonly string[] | null
  readonly DnsOptions?: readonly string[] | null
  readonly DnsSearch?: readonly string[] | null
  /** `name:address` */
  readonly ExtraHosts?: readonly string[] | null
  readonly GroupAdd?: readonly string[] | null
  readonly IpcMode?: string
  readonly Cgroup?: string
  readonly Links?: readonly string[] | null
  readonly OomScoreAdj?: number
  readonly PidMode?: string
  readonly Privileged?: boolean
  readonly PublishAllPorts?: boolean
  readonly ReadonlyRootfs?: boolean
  readonly SecurityOpt?: readonly string[] | null
  readonly StorageOpt?: Readonly<Record<string, string>> | null
  /** Path → mount options. */
  readonly Tmpfs?: Readonly<Record<string, string>> | null
  readonly UTSMode?: string
  readonly UsernsMode?: string
  /** Bytes; 0: 64 MiB. */
  readonly ShmSize?: number
  readonly Sysctls?: Readonly<Record<string, string>> | null
  readonly Runtime?: string
  readonly Isolation?: string
  readonly MaskedPaths?: readonly string[] | null
  readonly ReadonlyPaths?: readonly string[] | null
  readonly Init?: boolean | null
}
