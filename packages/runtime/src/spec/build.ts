import { posix } from 'node:path'
import { capabilitySet } from './capabilities.ts'
import { deviceRules } from './devices.ts'
import { processEnvironment } from './environment.ts'
import type { SpecInput } from './input.ts'
import { ociMounts, rootfsPropagation, withInit } from './mounts.ts'
import { ociNamespaces } from './namespaces.ts'
import type { OciLinux, OciProcess, OciSeccomp, OciSpec } from './oci.ts'
import { ociCapabilities } from './process.ts'
import { ociResources } from './resources.ts'
import { ociRlimits } from './rlimits.ts'
import { defaultSeccomp } from './seccomp-default.ts'
import { compileSeccomp } from './seccomp-profile.ts'

export const defaultMaskedPaths: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]

export const defaultReadonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/**
 * A container as config.json says it: docker's defaults, and what was asked for. Pure. Throws invalid, in docker's words,
 * for capabilities and device rules that don't exist.
 */
export const buildSpec = (input: SpecInput): OciSpec => {
  const capabilities = capabilitySet(
    { ...input.capabilities, privileged: input.privileged ?? false },
    input.host.capabilities,
  )
  const ownHostname = (input.namespaces?.uts ?? 'private') === 'private'
  return {
    ociVersion: '1.0.2',
    process: ociProcessOf(input, capabilities),
    root: input.rootfs,
    ...(ownHostname && input.hostname !== undefined ? { hostname: input.hostname } : {}),
    ...(input.annotations === undefined ? {} : { annotations: input.annotations }),
    mounts: ociMounts(input),
    linux: ociLinux(input, capabilities),
  }
}

const ociProcessOf = (input: SpecInput, capabilities: readonly string[]): OciProcess => {
  const { uid, gid, additionalGids = [], home } = input.user
  return {
    terminal: input.terminal,
    ...(input.consoleSize === undefined ? {} : { consoleSize: input.consoleSize }),
    user: { uid, gid, additionalGids },
    args: withInit(input),
    env: processEnvironment({ ...input, home }),
    cwd: input.cwd || '/',
    capabilities: ociCapabilities(capabilities, uid),
    rlimits: ociRlimits(input.rlimits ?? [], input.host),
    noNewPrivileges: input.noNewPrivileges ?? false,
    ...(input.oomScoreAdj === undefined ? {} : { oomScoreAdj: input.oomScoreAdj }),
  }
}

const ociLinux = (input: SpecInput, capabilities: readonly string[]): OciLinux => {
  const { host, privileged = false, devices = [], mounts = [] } = input
  const seccomp = ociSeccomp(input, capabilities)
  const propagation = rootfsPropagation(mounts)
  return {
    namespaces: ociNamespaces(input.namespaces ?? {}, host.cgroup),
    cgroupsPath: cgroupsPath(input),
    resources: {
      ...ociResources(input.resources ?? {}, host),
      devices: deviceRules(devices, input.deviceCgroupRules ?? [], privileged),
    },
    devices: devices.map(({ device }) => device),
    sysctl: sysctls(input),
    maskedPaths: input.maskedPaths ?? (privileged ? [] : [...defaultMaskedPaths, ...host.maskedPaths]),
    readonlyPaths: input.readonlyPaths ?? (privileged ? [] : defaultReadonlyPaths),
    ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
    ...(seccomp === undefined ? {} : { seccomp }),
  }
}

const ociSeccomp = (
  { seccomp = 'default', privileged = false, host }: SpecInput,
  capabilities: readonly string[],
): OciSeccomp | undefined => {
  if (privileged || seccomp === 'unconfined') return undefined
  return seccomp === 'default' ? defaultSeccomp(capabilities, host) : compileSeccomp(seccomp, capabilities, host)
}

/** `/slipway/ID`; for systemd `slice:prefix:name`. */
export const cgroupsPath = ({
  id,
  cgroupParent,
  systemdCgroup = false,
}: Pick<SpecInput, 'id' | 'cgroupParent' | 'systemdCgroup'>): string =>
  systemdCgroup ? `${cgroupParent || 'system.slice'}:slipway:${id}` : posix.join('/', cgroupParent || 'slipway', id)

const sysctls = ({ host, sysctls: asked, namespaces, ownNetwork, domainname }: SpecInput): Record<string, string> => ({
  ...((ownNetwork ?? namespaces?.network !== 'host') ? host.sysctls : {}),
  ...(domainname ? { 'kernel.domainname': domainname } : {}),
  ...asked,
})
