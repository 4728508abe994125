import type { Resources } from '@slipway/core'
import type { HostFacts } from './host.ts'
import type { OciDevice, OciThrottle } from './oci.ts'
import type { SeccompProfile } from './seccomp-profile.ts'

/** `private`: a new one. `host`: the daemon's own. Otherwise joins the namespace at this path (`/proc/PID/ns/ipc`). */
export type NamespaceChoice = 'private' | 'host' | { readonly path: string }

/** A mount that was asked for, with every name resolved: a volume is its directory on the host. */
export type SpecMount =
  | {
      readonly kind: 'bind'
      readonly source: string
      readonly destination: string
      readonly readonly: boolean
      /** Default: rbind. */
      readonly nonRecursive?: boolean
      /** Default: rprivate. The caller checks that the source is on a shared mount (see `propagationProblem`). */
      readonly propagation?: Propagation
    }
  | {
      readonly kind: 'tmpfs'
      readonly destination: string
      /** mount(8) words: `size=64m`, `mode=1777`, `exec`. Added to docker's noexec, nosuid, nodev. */
      readonly options: readonly string[]
    }

export type Propagation = 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave'

/** A host device that the container may use; `lookupDevices()` makes them from paths. */
export interface SpecDevice {
  readonly device: OciDevice
  /** Letters of `rwm`. */
  readonly permissions: string
}

/** docker's `--ulimit`; -1 is unlimited. */
export interface SpecRlimit {
  /** `nofile`. */
  readonly name: string
  readonly soft: number
  readonly hard: number
}

export interface SpecResources extends Resources {
  readonly memorySwappiness?: number
  readonly oomKillDisable?: boolean
  readonly cpuRealtimePeriod?: number
  readonly cpuRealtimeRuntime?: number
  readonly blkioWeight?: number
  readonly blkioWeightDevice?: readonly { readonly major: number; readonly minor: number; readonly weight: number }[]
  readonly blkioReadBps?: readonly OciThrottle[]
  readonly blkioWriteBps?: readonly OciThrottle[]
  readonly blkioReadIops?: readonly OciThrottle[]
  readonly blkioWriteIops?: readonly OciThrottle[]
}

/** All that a container's config.json is made from. Nothing in it has to be looked up any more: `buildSpec()` is pure. */
export interface SpecInput {
  readonly id: string
  /** `path` absolute, or relative to the bundle (`rootfs`). */
  readonly rootfs: { readonly path: string; readonly readonly: boolean }
  /** Entrypoint and command together. */
  readonly args: readonly string[]
  /** The container's own; PATH, HOSTNAME, TERM (with a terminal) and HOME are filled in where it doesn't name them. */
  readonly env: readonly string[]
  /** Default `/`. */
  readonly cwd?: string
  readonly user: {
    readonly uid: number
    readonly gid: number
    readonly additionalGids?: readonly number[]
    /** For HOME. */
    readonly home?: string
  }
  readonly terminal: boolean
  readonly consoleSize?: { readonly height: number; readonly width: number }
  readonly hostname?: string
  readonly domainname?: string
  /** Default: all private. `network` as a path is the sandbox's namespace. */
  readonly namespaces?: {
    readonly network?: NamespaceChoice
    readonly pid?: NamespaceChoice
    readonly ipc?: NamespaceChoice
    readonly uts?: NamespaceChoice
    /** Default: private on cgroup v2, host on v1 and hybrid, as docker has it. */
    readonly cgroup?: NamespaceChoice
  }
  /**
   * The network namespace was made for this container, so its sysctls may be set: docker's defaults then are unprivileged
   * ports and ping. Default: true unless `namespaces.network` is `host`.
   */
  readonly ownNetwork?: boolean
  readonly privileged?: boolean
  /** It may make cgroups below its own; with `privileged` it may anyway. */
  readonly writableCgroups?: boolean
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  /** A profile in docker's format (see `parseSeccompProfile`). Default `default`; privileged is always `unconfined`. */
  readonly seccomp?: 'default' | 'unconfined' | SeccompProfile
  readonly noNewPrivileges?: boolean
  /** Replace docker's lists when given: `systempaths=unconfined` is two empty ones. */
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
  /** Binds (with resolv.conf, hostname and hosts) and tmpfs; one of them at a default's place replaces it. */
  readonly mounts?: readonly SpecMount[]
  /** Bytes of /dev/shm; default 64 MiB. `none`: there is no /dev/shm (`--ipc none`). */
  readonly shmSize?: number | 'none'
  readonly devices?: readonly SpecDevice[]
  /** docker's words: `c 1:3 mr`. */
  readonly deviceCgroupRules?: readonly string[]
  readonly resources?: SpecResources
  readonly rlimits?: readonly SpecRlimit[]
  readonly sysctls?: Readonly<Record<string, string>>
  readonly oomScoreAdj?: number
  /** Default `/slipway`; with systemd `system.slice`. */
  readonly cgroupParent?: string | undefined
  readonly systemdCgroup?: boolean
  /** `--init`: path on the host of a static tini. Ignored when the pid namespace isn't private. */
  readonly init?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly host: HostFacts
}
