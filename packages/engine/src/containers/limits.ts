import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { HostConfig, RestartPolicy } from '@slipway/client'
import { invalid } from '@slipway/core'
import { cgroupMode } from '@slipway/linux'

const smallestMemory = 6 << 20
const restartPolicies: readonly string[] = ['', 'no', 'always', 'unless-stopped', 'on-failure', 'on-unhealthy']
const countedPolicies: readonly string[] = ['on-failure', 'on-unhealthy']

const checkRestartPolicy = ({ Name = '', MaximumRetryCount = 0 }: RestartPolicy, autoRemove: boolean): void => {
  if (!restartPolicies.includes(Name))
    throw invalid(
      `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    )
  const isCounted = countedPolicies.includes(Name)
  if (MaximumRetryCount !== 0 && !isCounted) {
    const more = MaximumRetryCount < 0 ? ' and cannot be negative' : ''
    throw invalid(`invalid restart policy: maximum retry count can only be used with 'on-failure'${more}`)
  }
  if (MaximumRetryCount < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative')
  if (autoRemove && Name !== '' && Name !== 'no')
    throw invalid("can't create 'AutoRemove' container with restart policy")
}

const checkMemory = (host: HostConfig): void => {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, MemorySwappiness, OomScoreAdj = 0 } = host
  if (Memory < 0 || (Memory > 0 && Memory < smallestMemory)) throw invalid('Minimum memory limit allowed is 6MB')
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage')
  }
  if (Memory === 0 && MemorySwap > 0) {
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage')
  }
  const swappiness = MemorySwappiness ?? -1
  if (swappiness < -1 || swappiness > 100) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`)
  }
  if (MemoryReservation > 0 && MemoryReservation < smallestMemory) {
    throw invalid('Minimum memory reservation allowed is 6MB')
  }
  if (Memory > 0 && MemoryReservation > Memory) {
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage')
  }
  if (OomScoreAdj < -1000 || OomScoreAdj > 1000) {
    throw invalid(`Invalid value ${OomScoreAdj}, range for oom score adj is [-1000, 1000]`)
  }
}

/** `0-3,7` as numbers; undefined when it is no such list. */
export const parseCpuList = (text: string): readonly number[] | undefined => {
  const parts = text.split(',').map((part) => {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? []
    if (first === '' || Number(last) < Number(first)) return undefined
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index)
  })
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}

const checkCpuset = (asked: string | undefined, online: string, what: string, things: string): void => {
  if (!asked) return
  const wanted = parseCpuList(asked)
  if (wanted === undefined) throw invalid(`Invalid value ${asked} for cpuset ${what}: invalid format: ${asked}`)
  const available = readFileSync(online, 'utf8').trim()
  const there = new Set(parseCpuList(available))
  if (wanted.every((one) => there.has(one))) return
  throw invalid(`Requested ${things} are not available - requested ${asked}, available: ${available}`)
}

const checkCpu = (host: HostConfig): void => {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0 } = host
  if (NanoCpus > 0 && CpuPeriod > 0) {
    throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set')
  }
  if (NanoCpus > 0 && CpuQuota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set')
  const cpus = availableParallelism()
  if (NanoCpus < 0 || NanoCpus > cpus * 1e9) {
    throw invalid(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`)
  }
  if (CpuShares < 0) throw invalid(`invalid CPU shares (${CpuShares}): value must be a positive integer`)
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  }
  if (CpuQuota > 0 && CpuQuota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)')
  checkCpuset(host.CpusetCpus, '/sys/devices/system/cpu/online', 'cpus', 'CPUs')
  checkCpuset(host.CpusetMems, '/sys/devices/system/node/online', 'mems', 'memory nodes')
}

const checkBlkio = ({ BlkioWeight = 0, BlkioWeightDevice }: HostConfig): void => {
  if (hasBlkio('blkio.weight') && BlkioWeight > 0 && (BlkioWeight < 10 || BlkioWeight > 1000)) {
    throw invalid('Range of blkio weight is from 10 to 1000')
  }
  for (const { Path, Weight } of BlkioWeightDevice ?? []) {
    if (Weight < 10 || Weight > 1000) throw invalid(`invalid weight for device: ${Path}: 10 to 1000 expected`)
  }
}

/** What both a new container and an update must keep to. Throws invalid in docker's words. */
export const checkLimits = (host: HostConfig): void => {
  checkRestartPolicy(host.RestartPolicy ?? {}, host.AutoRemove ?? false)
  checkMemory(host)
  checkCpu(host)
  checkBlkio(host)
}

const hasBlkio = (file: string): boolean => cgroupMode() === 'v2' || existsSync(`/sys/fs/cgroup/blkio/${file}`)

/** Takes away what this kernel has no means for, and says so: docker's answer where it is the kernel that lacks something. */
export const withinKernel = (host: HostConfig): { readonly host: HostConfig; readonly warnings: readonly string[] } => {
  const warnings: string[] = []
  let kept = host
  const discard = (fields: Partial<HostConfig>, warning: string): void => {
    kept = { ...kept, ...fields }
    warnings.push(warning)
  }
  const lacks = 'Your kernel does not support Block I/O'
  if (host.BlkioWeight && !hasBlkio('blkio.weight')) {
    discard({ BlkioWeight: 0 }, `${lacks} weight or the cgroup is not mounted. Weight discarded.`)
  }
  if ((host.BlkioWeightDevice ?? []).length > 0 && !hasBlkio('blkio.weight_device')) {
    const text = `${lacks} weight_device or the cgroup is not mounted. Weight-device discarded.`
    discard({ BlkioWeightDevice: [] }, text)
  }
  if (host.OomKillDisable && !host.Memory) {
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    )
  }
  return { host: kept, warnings }
}
