import { posix } from 'node:path'
import type { ContainerCreateBody, HostConfig, RestartPolicy } from '@slipway/client'
import { invalid } from '@slipway/core'
import { defaultMaskedPaths, defaultReadonlyPaths } from '@slipway/runtime'
import { checkHealthConfig } from './health/settings.ts'
import { askedMounts } from './mounts/parse.ts'
import { parseVolumesFrom } from './mounts/volumes-from.ts'
import { parsePortKey } from './ports.ts'

const smallestMemory = 6 << 20
const defaultShmSize = 64 << 20
const restartPolicies = ['', 'no', 'always', 'unless-stopped', 'on-failure']
const logDrivers = ['', 'json-file', 'local', 'none']

/** Fills in what docker fills in, so that `inspect` tells what really holds. */
export const withHostDefaults = (asked: HostConfig, options: { cgroupnsMode: 'host' | 'private' }): HostConfig => ({
  Binds: null,
  ContainerIDFile: '',
  PortBindings: {},
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  CapAdd: null,
  CapDrop: null,
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  Isolation: '',
  ...asked,
  ConsoleSize: asked.ConsoleSize ?? [0, 0],
  LogConfig: { Type: asked.LogConfig?.Type || 'json-file', Config: asked.LogConfig?.Config ?? {} },
  NetworkMode: !asked.NetworkMode || asked.NetworkMode === 'default' ? 'bridge' : asked.NetworkMode,
  RestartPolicy: {
    Name: asked.RestartPolicy?.Name || 'no',
    MaximumRetryCount: asked.RestartPolicy?.MaximumRetryCount ?? 0,
  },
  IpcMode: asked.IpcMode || 'private',
  CgroupnsMode: asked.CgroupnsMode || options.cgroupnsMode,
  ShmSize: asked.ShmSize || defaultShmSize,
  // Empty: the default, whichever that is when it starts.
  Runtime: asked.Runtime ?? '',
  ...(asked.Privileged
    ? {}
    : {
        MaskedPaths: asked.MaskedPaths ?? defaultMaskedPaths,
        ReadonlyPaths: asked.ReadonlyPaths ?? defaultReadonlyPaths,
      }),
})

const checkRestartPolicy = ({ Name = '', MaximumRetryCount = 0 }: RestartPolicy, autoRemove: boolean): void => {
  if (!restartPolicies.includes(Name))
    throw invalid(
      `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    )
  if (MaximumRetryCount < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative')
  if (MaximumRetryCount > 0 && Name !== 'on-failure') {
    throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'")
  }
  if (autoRemove && Name !== '' && Name !== 'no')
    throw invalid("can't create 'AutoRemove' container with restart policy")
}

const checkMemory = ({ Memory = 0, MemorySwap = 0, MemoryReservation = 0 }: HostConfig): void => {
  if (Memory < 0 || (Memory > 0 && Memory < smallestMemory)) throw invalid('Minimum memory limit allowed is 6MB')
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage')
  }
  if (Memory === 0 && MemorySwap > 0) {
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage')
  }
  if (Memory > 0 && MemoryReservation > Memory) {
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage')
  }
}

const checkCpu = ({ NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 }: HostConfig): void => {
  if (NanoCpus > 0 && (CpuPeriod > 0 || CpuQuota > 0)) {
    throw invalid('Conflicting options: Nano CPUs and CPU Period or Quota cannot both be set')
  }
  if (NanoCpus < 0) throw invalid('Range of CPUs is from 0.01 up to the number of CPUs available')
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  }
  if (CpuQuota > 0 && CpuQuota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)')
}

/** Things that this engine doesn't do yet are refused, not ignored. */
const checkSupported = (host: HostConfig): void => {
  const refuse = (what: string): never => {
    throw invalid(`${what} is not supported by this engine yet`)
  }
  if ((host.DeviceRequests ?? []).length > 0) refuse('a device request (GPU)')
  if (!logDrivers.includes(host.LogConfig?.Type ?? ''))
    throw invalid(`logger: no log driver named '${host.LogConfig?.Type}' is registered`)
}

/** What both a new container and an update must keep to. Throws invalid in docker's words. */
export const checkLimits = (host: HostConfig): void => {
  checkRestartPolicy(host.RestartPolicy ?? {}, host.AutoRemove ?? false)
  checkMemory(host)
  checkCpu(host)
}

/** Refuses what can't work before anything is made. Throws invalid in docker's words. */
export const checkCreateBody = (body: ContainerCreateBody): void => {
  const host = body.HostConfig ?? {}
  if (body.WorkingDir && !posix.isAbsolute(body.WorkingDir)) {
    throw invalid(`the working directory '${body.WorkingDir}' is invalid, it needs to be an absolute path`)
  }
  checkLimits(host)
  checkHealthConfig(body.Healthcheck)
  checkSupported(host)
  askedMounts(host)
  for (const text of host.VolumesFrom ?? []) parseVolumesFrom(text)
  for (const key of [...Object.keys(body.ExposedPorts ?? {}), ...Object.keys(host.PortBindings ?? {})])
    parsePortKey(key)
}
