/**
 * The part of the OCI runtime-spec (config.md, config-linux.md) that is written here, under its own names: this is the
 * JSON of `config.json`.
 */
export interface OciSpec {
  readonly ociVersion: string
  readonly process: OciProcess
  readonly root: { readonly path: string; readonly readonly: boolean }
  readonly hostname?: string
  readonly domainname?: string
  readonly mounts: readonly OciMount[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly linux: OciLinux
}

export interface OciProcess {
  readonly terminal: boolean
  readonly consoleSize?: { readonly height: number; readonly width: number }
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] }
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities: OciCapabilities
  readonly rlimits?: readonly OciRlimit[]
  readonly noNewPrivileges: boolean
  readonly oomScoreAdj?: number
  readonly apparmorProfile?: string
  readonly selinuxLabel?: string
}

export interface OciCapabilities {
  readonly bounding: readonly string[]
  readonly effective?: readonly string[]
  readonly permitted?: readonly string[]
}

/**
 * `type` is `RLIMIT_NOFILE` and the like. Limits beyond 2^53 are not written exactly by JSON: -1 (unlimited) is clamped before.
 */
export interface OciRlimit {
  readonly type: string
  readonly soft: number
  readonly hard: number
}

export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

export interface OciNamespace {
  readonly type: 'mount' | 'network' | 'uts' | 'pid' | 'ipc' | 'cgroup'
  readonly path?: string
}

export interface OciDevice {
  readonly path: string
  readonly type: 'c' | 'b' | 'p'
  readonly major: number
  readonly minor: number
  readonly fileMode?: number
  readonly uid?: number
  readonly gid?: number
}

export interface OciDeviceRule {
  readonly allow: boolean
  readonly type?: 'a' | 'c' | 'b'
  readonly major?: number
  readonly minor?: number
  readonly access: string
}

export interface OciResources {
  readonly devices?: readonly OciDeviceRule[]
  readonly memory?: {
    readonly limit?: number
    readonly reservation?: number
    readonly swap?: number
    readonly swappiness?: number
    readonly disableOOMKiller?: boolean
  }
  readonly cpu?: {
    readonly shares?: number
    readonly quota?: number
    readonly period?: number
    readonly realtimeRuntime?: number
    readonly realtimePeriod?: number
    readonly cpus?: string
    readonly mems?: string
  }
  readonly pids?: { readonly limit: number }
  readonly blockIO?: {
    readonly weight?: number
    readonly weightDevice?: readonly { readonly major: number; readonly minor: number; readonly weight: number }[]
    readonly throttleReadBpsDevice?: readonly OciThrottle[]
    readonly throttleWriteBpsDevice?: readonly OciThrottle[]
    readonly throttleReadIOPSDevice?: readonly OciThrottle[]
    readonly throttleWriteIOPSDevice?: readonly OciThrottle[]
  }
}

export interface OciThrottle {
  readonly major: number
  readonly minor: number
  readonly rate: number
}

export interface OciLinux {
  readonly namespaces: readonly OciNamespace[]
  readonly cgroupsPath: string
  readonly resources: OciResources
  readonly devices: readonly OciDevice[]
  readonly sysctl?: Readonly<Record<string, string>>
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
  readonly rootfsPropagation?: string
  readonly seccomp?: OciSeccomp
}

export type SeccompAction = 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO' | (string & {})

export interface OciSeccompArgument {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  readonly op: string
}

export interface OciSeccompRule {
  readonly names: readonly string[]
  readonly action: SeccompAction
  readonly errnoRet?: number
  readonly args?: readonly OciSeccompArgument[]
}

export interface OciSeccomp {
  readonly defaultAction: SeccompAction
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly flags?: readonly string[]
  readonly listenerPath?: string
  readonly listenerMetadata?: string
  readonly syscalls: readonly OciSeccompRule[]
}
