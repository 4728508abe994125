export interface WeightDevice {
  readonly Path: string
  readonly Weight: number
}

export interface ThrottleDevice {
  readonly Path: string
  readonly Rate: number
}

export interface DeviceMapping {
  readonly PathOnHost: string
  readonly PathInContainer: string
  /** Of `r`, `w` and `m`. */
  readonly CgroupPermissions: string
}

export interface DeviceRequest {
  readonly Driver?: string
  readonly Count?: number
  readonly DeviceIDs?: readonly string[] | null
  readonly Capabilities?: readonly (readonly string[])[] | null
  readonly Options?: Readonly<Record<string, string>> | null
}

export interface Ulimit {
  readonly Name: string
  readonly Soft: number
  readonly Hard: number
}

/** What a container may use up. Sizes are bytes, 0: no limit. The body of `update` is this and a restart policy. */
export interface ContainerResources {
  readonly CpuShares?: number
  readonly Memory?: number
  readonly CgroupParent?: string
  /** 0–1000 */
  readonly BlkioWeight?: number
  readonly BlkioWeightDevice?: readonly WeightDevice[] | null
  readonly BlkioDeviceReadBps?: readonly ThrottleDevice[] | null
  readonly BlkioDeviceWriteBps?: readonly ThrottleDevice[] | null
  readonly BlkioDeviceReadIOps?: readonly ThrottleDevice[] | null
  readonly BlkioDeviceWriteIOps?: readonly ThrottleDevice[] | null
  /** Microseconds. */
  readonly CpuPeriod?: number
  readonly CpuQuota?: number
  readonly CpuRealtimePeriod?: number
  readonly CpuRealtimeRuntime?: number
  readonly CpusetCpus?: string
  readonly CpusetMems?: string
  readonly Devices?: readonly DeviceMapping[] | null
  readonly DeviceCgroupRules?: readonly string[] | null
  readonly DeviceRequests?: readonly DeviceRequest[] | null
  readonly MemoryReservation?: number
  /** Memory and swap together; -1: unlimited swap. */
  readonly MemorySwap?: number
  /** 0–100; -1: the kernel's. */
  readonly MemorySwappiness?: number | null
  /** CPUs × 10⁹. */
  readonly NanoCpus?: number
  readonly OomKillDisable?: boolean | null
  readonly PidsLimit?: number | null
  readonly Ulimits?: readonly Ulimit[] | null
  readonly CpuCount?: number
  readonly CpuPercent?: number
  readonly IOMaximumIOps?: number
  readonly IOMaximumBandwidth?: number
}
