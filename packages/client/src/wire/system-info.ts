export interface RegistryService {
  readonly InsecureRegistryCIDRs: readonly string[]
  readonly IndexConfigs: Readonly<
    Record<
      string,
      {
        readonly Name: string
        readonly Mirrors: readonly string[]
        readonly Secure: boolean
        readonly Official: boolean
      }
    >
  >
  readonly Mirrors: readonly string[]
}

/** GET /info */
export interface SystemInfo {
  readonly ID: string
  readonly Containers: number
  readonly ContainersRunning: number
  readonly ContainersPaused: number
  readonly ContainersStopped: number
  readonly Images: number
  readonly Driver: string
  readonly DriverStatus: readonly (readonly [string, string])[]
  readonly Plugins: {
    readonly Volume: readonly string[]
    readonly Network: readonly string[]
    readonly Authorization: readonly string[] | null
    readonly Log: readonly string[]
  }
  readonly MemoryLimit: boolean
  readonly SwapLimit: boolean
  readonly CpuCfsPeriod: boolean
  readonly CpuCfsQuota: boolean
  readonly CPUShares: boolean
  readonly CPUSet: boolean
  readonly PidsLimit: boolean
  readonly IPv4Forwarding: boolean
  readonly Debug: boolean
  readonly NFd: number
  readonly OomKillDisable: boolean
  readonly NGoroutines: number
  /** RFC 3339 with nanoseconds. */
  readonly SystemTime: string
  readonly LoggingDriver: string
  readonly CgroupDriver: 'cgroupfs' | 'systemd' | 'none'
  readonly CgroupVersion: '1' | '2'
  readonly NEventsListener: number
  readonly KernelVersion: string
  readonly OperatingSystem: string
  readonly OSVersion: string
  readonly OSType: string
  readonly Architecture: string
  readonly IndexServerAddress: string
  readonly RegistryConfig: RegistryService | null
  readonly NCPU: number
  /** Bytes. */
  readonly MemTotal: number
  readonly GenericResources: null
  readonly DockerRootDir: string
  readonly HttpProxy: string
  readonly HttpsProxy: string
  readonly NoProxy: string
  readonly Name: string
  readonly Labels: readonly string[]
  readonly ExperimentalBuild: boolean
  readonly ServerVersion: string
  readonly Runtimes: Readonly<
    Record<
      string,
      {
        readonly path?: string
        readonly runtimeArgs?: readonly string[]
        readonly status?: Readonly<Record<string, string>>
      }
    >
  >
  readonly DefaultRuntime: string
  readonly Swarm: {
    readonly NodeID: string
    readonly NodeAddr: string
    readonly LocalNodeState: 'inactive'
    readonly ControlAvailable: boolean
    readonly Error: string
    readonly RemoteManagers: null
  }
  readonly LiveRestoreEnabled: boolean
  readonly Isolation: string
  readonly InitBinary: string
  readonly ContainerdCommit: { readonly ID: string }
  readonly RuncCommit: { readonly ID: string }
  readonly InitCommit: { readonly ID: string }
  readonly SecurityOptions: readonly string[]
  readonly ProductLicense?: string
  readonly DefaultAddressPools?: readonly { readonly Base: string; readonly Size: number }[]
  readonly FirewallBackend?: {
    readonly Driver: string
    readonly Info?: readonly (readonly [string, string])[]
  }
  readonly CDISpecDirs: readonly string[]
  readonly Warnings: readonly string[] | null
}
