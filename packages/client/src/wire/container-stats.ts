/** Nanoseconds. */
export interface CpuStats {
  readonly cpu_usage: {
    readonly total_usage: number
    readonly usage_in_kernelmode: number
    readonly usage_in_usermode: number
  }
  /** What all CPUs of the machine had to give, idle time included; missing in the first `precpu_stats`. */
  readonly system_cpu_usage?: number
  readonly online_cpus?: number
  readonly throttling_data: {
    readonly periods: number
    readonly throttled_periods: number
    readonly throttled_time: number
  }
}

/** Bytes. All missing while the container doesn't run. */
export interface MemoryStats {
  readonly usage?: number
  /** cgroup v1 only. */
  readonly max_usage?: number
  /** The kernel's memory.stat. */
  readonly stats?: Readonly<Record<string, number>>
  readonly failcnt?: number
  readonly limit?: number
}

export interface BlkioEntry {
  readonly major: number
  readonly minor: number
  readonly op: string
  readonly value: number
}

export interface BlkioStats {
  readonly io_service_bytes_recursive: readonly BlkioEntry[] | null
  readonly io_serviced_recursive: readonly BlkioEntry[] | null
  readonly io_queue_recursive: null
  readonly io_service_time_recursive: null
  readonly io_wait_time_recursive: null
  readonly io_merged_recursive: null
  readonly io_time_recursive: null
  readonly sectors_recursive: null
}

export interface InterfaceStats {
  readonly rx_bytes: number
  readonly rx_packets: number
  readonly rx_errors: number
  readonly rx_dropped: number
  readonly tx_bytes: number
  readonly tx_packets: number
  readonly tx_errors: number
  readonly tx_dropped: number
}

/** GET /containers/{id}/stats */
export interface ContainerStats {
  readonly name: string
  readonly id: string
  readonly read: string
  /** When `precpu_stats` was taken. */
  readonly preread: string
  readonly pids_stats: { readonly current?: number; readonly limit?: number }
  readonly blkio_stats: BlkioStats
  readonly num_procs: number
  readonly storage_stats: Readonly<Record<string, never>>
  readonly cpu_stats: CpuStats
  readonly precpu_stats: CpuStats
  readonly memory_stats: MemoryStats
  /** By the interface's name in the container; missing with the host's network. */
  readonly networks?: Readonly<Record<string, InterfaceStats>>
}
