import { posix } from 'node:path'
import type { ContainerCreateBody, HostConfig } from '@slipway/client'
import { invalid } from '@slipway/core'
import { defaultMaskedPaths, defaultReadonlyPaths } from '@slipway/runtime'
import { checkNetworkMode } from '../networks/mode.ts'
import { blankHostConfig } from './blank-host-config.ts'
import { withRequestDefaults } from './device-requests.ts'
import { checkHealthConfig } from './health/settings.ts'
import { checkLimits } from './limits.ts'
import { checkLogConfig } from './logs/options.ts'
import { checkModes } from './modes.ts'
import { askedMounts, checkTmpfs } from './mounts/parse.ts'
import { parseVolumesFrom } from './mounts/volumes-from.ts'
import { parsePortKey } from './ports.ts'
import { securityOptions } from './security-options.ts'
import { parseSignal } from './signals.ts'

const defaultShmSize = 64 << 20

const seesHost = ({ Privileged, PidMode, IpcMode }: HostConfig): boolean =>
  Privileged === true || PidMode === 'host' || IpcMode === 'host'

/** Fills in what docker fills in, so that `inspect` tells what really holds. */
export const withHostDefaults = (asked: HostConfig, options: { cgroupnsMode: 'host' | 'private' }): HostConfig => ({
  ...blankHostConfig,
  ...asked,
  // What sees the host's processes is kept apart from nothing.
  SecurityOpt: asked.SecurityOpt ?? (seesHost(asked) ? ['label=disable'] : null),
  // Twice the memory, if nothing is said; a later update is held against it.
  MemorySwap: asked.MemorySwap || (asked.Memory ?? 0) * 2,
  // Clients say 0 and -1 for no word on it.
  PidsLimit: asked.PidsLimit || null,
  MemorySwappiness: asked.MemorySwappiness === -1 ? null : (asked.MemorySwappiness ?? null),
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
  DeviceRequests: asked.DeviceRequests?.map(withRequestDefaults) ?? null,
  // Empty: the default, whichever that is when it starts.
  Runtime: asked.Runtime ?? '',
  ...(asked.Privileged
    ? { MaskedPaths: null, ReadonlyPaths: null }
    : {
        MaskedPaths: asked.MaskedPaths ?? defaultMaskedPaths,
        ReadonlyPaths: asked.ReadonlyPaths ?? defaultReadonlyPaths,
      }),
})

/** What this engine can't do is refused, not ignored: in the words of a dockerd that has no means for it either. */
const checkSupported = (host: HostConfig): void => {
  if (Object.keys(host.StorageOpt ?? {}).length > 0) {
    throw invalid("--storage-opt is supported only for overlay over xfs with 'pquota' mount option")
  }
}

/** Refuses what can't work before anything is made. Throws invalid in docker's words. */
export const checkCreateBody = (body: ContainerCreateBody): void => {
  const host = body.HostConfig ?? {}
  if (body.WorkingDir && !posix.isAbsolute(body.WorkingDir)) {
    throw invalid(`the working directory '${body.WorkingDir}' is invalid, it needs to be an absolute path`)
  }
  checkLimits(host)
  checkHealthConfig(body.Healthcheck)
  checkModes(body, host)
  checkNetworkMode(body, host)
  checkSupported(host)
  checkLogConfig(host.LogConfig)
  securityOptions(host.SecurityOpt ?? [])
  if (host.ShmSize && host.ShmSize < 0) throw invalid('SHM size can not be less than 0')
  if (Object.hasOwn(host.Annotations ?? {}, '')) {
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key')
  }
  const noName = body.Env?.find((entry) => /^(=|$)/.test(entry))
  if (noName !== undefined) throw invalid(`invalid environment variable: ${noName.slice(0, 80)}`)
  if (body.StopSignal) parseSignal(body.StopSignal)
  checkTmpfs(host.Tmpfs)
  askedMounts(host)
  for (const text of host.VolumesFrom ?? []) parseVolumesFrom(text)
  for (const key of [...Object.keys(body.ExposedPorts ?? {}), ...Object.keys(host.PortBindings ?? {})])
    parsePortKey(key)
}
