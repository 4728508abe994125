import { statSync } from 'node:fs'
import type { HostConfig, ThrottleDevice } from '@slipway/client'
import { invalid } from '@slipway/core'
import { deviceParts } from '@slipway/linux'
import type { SpecInput } from '@slipway/runtime'

const nanoCpuPeriod = 100_000

const deviceOf = (path: string): { readonly major: number; readonly minor: number } => {
  try {
    return deviceParts(statSync(path).rdev)
  } catch (error) {
    throw invalid(`stat ${path}: no such file or directory`, error)
  }
}

const throttles = (devices: readonly ThrottleDevice[] | null | undefined) =>
  (devices ?? []).map(({ Path, Rate }) => ({ ...deviceOf(Path), rate: Rate }))

/**
 * Limits as the runtime takes them: CPUs become a quota, memory brings its swap along. Throws invalid for a device that isn't
 * there.
 */
export const resourcesOf = (host: HostConfig): NonNullable<SpecInput['resources']> => {
  const cpu = host.NanoCpus
    ? { cpuPeriod: nanoCpuPeriod, cpuQuota: Math.round((host.NanoCpus / 1e9) * nanoCpuPeriod) }
    : {
        ...(host.CpuPeriod ? { cpuPeriod: host.CpuPeriod } : {}),
        ...(host.CpuQuota ? { cpuQuota: host.CpuQuota } : {}),
      }
  const memory = host.Memory ?? 0
  return {
    ...cpu,
    ...(memory > 0 ? { memory, memorySwap: host.MemorySwap || memory * 2 } : {}),
    ...(host.MemoryReservation ? { memoryReservation: host.MemoryReservation } : {}),
    ...(typeof host.MemorySwappiness === 'number' ? { memorySwappiness: host.MemorySwappiness } : {}),
    ...(host.OomKillDisable ? { oomKillDisable: true } : {}),
    ...(host.CpuShares ? { cpuShares: host.CpuShares } : {}),
    ...(host.CpuRealtimePeriod ? { cpuRealtimePeriod: host.CpuRealtimePeriod } : {}),
    ...(host.CpuRealtimeRuntime ? { cpuRealtimeRuntime: host.CpuRealtimeRuntime } : {}),
    ...(host.CpusetCpus ? { cpusetCpus: host.CpusetCpus } : {}),
    ...(host.CpusetMems ? { cpusetMems: host.CpusetMems } : {}),
    ...(host.PidsLimit && host.PidsLimit > 0 ? { pids: host.PidsLimit } : {}),
    ...(host.BlkioWeight ? { blkioWeight: host.BlkioWeight } : {}),
    blkioWeightDevice: (host.BlkioWeightDevice ?? []).map(({ Path, Weight }) => ({
      ...deviceOf(Path),
      weight: Weight,
    })),
    blkioReadBps: throttles(host.BlkioDeviceReadBps),
    blkioWriteBps: throttles(host.BlkioDeviceWriteBps),
    blkioReadIops: throttles(host.BlkioDeviceReadIOps),
    blkioWriteIops: throttles(host.BlkioDeviceWriteIOps),
  }
}
