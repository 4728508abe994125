import type { HostConfig } from '@slipway/client'
import { invalid } from '@slipway/core'
import { findBinary } from '@slipway/linux'
import {
  buildSpec,
  hostDevices,
  lookupDevices,
  type NamespaceChoice,
  type OciSpec,
  parseSeccompProfile,
  resolveUser,
  type SpecDevice,
  type SpecInput,
  type SpecMount,
} from '@slipway/runtime'
import { commandOf } from './merge-config.ts'
import type { ContainerRecord } from './records.ts'
import { type ContainerRoom, pathsOf } from './room.ts'

const nanoCpuPeriod = 100_000

/** `pid`, `ipc` or `uts`: private, the host's, or another container's. */
const namespaceOf = (room: ContainerRoom, mode: string | undefined, kind: 'pid' | 'ipc' | 'uts'): NamespaceChoice => {
  if (mode === 'host') return 'host'
  if (!mode?.startsWith('container:')) return 'private'
  const other = room.records.find(mode.slice('container:'.length))
  if (other.state.pid === 0) throw invalid(`cannot join ${kind.toUpperCase()} of a non running container: ${other.id}`)
  return { path: `/proc/${other.state.pid}/ns/${kind}` }
}

interface SecurityOptions {
  readonly seccomp?: SpecInput['seccomp']
  readonly noNewPrivileges?: boolean
  readonly unmasked?: boolean
}

/** `--security-opt`: each is `name=value` (old clients: `name:value`). */
const securityOptions = (options: readonly string[]): SecurityOptions => {
  const read = (text: string): SecurityOptions => {
    const [, name = text, value = ''] = /^([^=:]+)[=:]?(.*)$/s.exec(text) ?? []
    if (name === 'no-new-privileges') return { noNewPrivileges: value !== 'false' }
    if (name === 'seccomp') {
      if (value === 'unconfined') return { seccomp: 'unconfined' }
      return value === 'builtin' ? {} : { seccomp: parseSeccompProfile(value) }
    }
    if (name === 'systempaths' && value === 'unconfined') return { unmasked: true }
    if (name === 'label' || name === 'apparmor') return {}
    throw invalid(`invalid --security-opt 1: "${text}"`)
  }
  return Object.assign({}, ...options.map(read))
}

/** Limits as the runtime takes them: CPUs become a quota, memory brings its swap along. */
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
    ...(host.CpuShares ? { cpuShares: host.CpuShares } : {}),
    ...(host.CpusetCpus ? { cpusetCpus: host.CpusetCpus } : {}),
    ...(host.CpusetMems ? { cpusetMems: host.CpusetMems } : {}),
    ...(host.PidsLimit && host.PidsLimit > 0 ? { pids: host.PidsLimit } : {}),
    ...(host.BlkioWeight ? { blkioWeight: host.BlkioWeight } : {}),
  }
}

/** What a privileged container has is all of the host's; the others have those that were asked for. */
const devicesOf = (host: HostConfig): readonly SpecDevice[] => [
  ...(host.Privileged ? hostDevices() : []),
  ...(host.Devices ?? []).flatMap(({ PathOnHost, PathInContainer, CgroupPermissions }) =>
    lookupDevices({
      pathOnHost: PathOnHost,
      pathInContainer: PathInContainer || PathOnHost,
      permissions: CgroupPermissions || 'rwm',
    }),
  ),
]

/** Names under which a static tini is found: docker's own package, Debian's, and what people build. */
const initNames = ['docker-init', 'tini-static', 'tini']

const findInit = (): string => {
  const path = initNames.map((name) => findBinary(name)).find((found) => found !== undefined)
  if (path !== undefined) return path
  throw invalid(`--init needs one of ${initNames.join(', ')} in the PATH of the engine; none was found`)
}

/** The container as an OCI bundle's config.json. Its root file system is mounted already: users are looked up in it. */
export const containerSpec = async (
  room: ContainerRoom,
  { id, definition }: ContainerRecord,
  given: { readonly netns: string; readonly own: boolean; readonly mounts: readonly SpecMount[] },
): Promise<OciSpec> => {
  const { config, hostConfig } = definition
  const paths = pathsOf(room, id)
  const user = resolveUser(paths.rootfs, { spec: config.User ?? '', groupAdd: hostConfig.GroupAdd ?? [] })
  const security = securityOptions(hostConfig.SecurityOpt ?? [])
  const files = [
    { source: paths.resolvConf, destination: '/etc/resolv.conf' },
    { source: paths.hostname, destination: '/etc/hostname' },
    { source: paths.hosts, destination: '/etc/hosts' },
  ]
  const input: SpecInput = {
    id,
    rootfs: { path: paths.rootfs, readonly: hostConfig.ReadonlyRootfs ?? false },
    args: commandOf(config),
    env: config.Env ?? [],
    cwd: config.WorkingDir || '/',
    user: {
      uid: user.uid,
      gid: user.gid,
      home: user.home,
      additionalGids: user.additionalGids,
    },
    terminal: config.Tty ?? false,
    ...(hostConfig.ConsoleSize?.[0]
      ? { consoleSize: { height: hostConfig.ConsoleSize[0], width: hostConfig.ConsoleSize[1] ?? 0 } }
      : {}),
    ...(hostConfig.UTSMode === 'host' ? {} : { hostname: config.Hostname ?? '', domainname: config.Domainname ?? '' }),
    namespaces: {
      network: given.netns === '' ? 'host' : { path: given.netns },
      pid: namespaceOf(room, hostConfig.PidMode, 'pid'),
      ipc: namespaceOf(room, hostConfig.IpcMode, 'ipc'),
      uts: hostConfig.UTSMode === 'host' ? 'host' : 'private',
      cgroup: hostConfig.CgroupnsMode === 'host' ? 'host' : 'private',
    },
    ownNetwork: given.own,
    privileged: hostConfig.Privileged ?? false,
    capabilities: { add: hostConfig.CapAdd ?? [], drop: hostConfig.CapDrop ?? [] },
    ...(security.seccomp ? { seccomp: security.seccomp } : {}),
    noNewPrivileges: security.noNewPrivileges ?? false,
    ...(security.unmasked ? { maskedPaths: [], readonlyPaths: [] } : {}),
    mounts: [...files.map((file) => ({ kind: 'bind' as const, readonly: false, ...file })), ...given.mounts],
    ...(hostConfig.ShmSize ? { shmSize: hostConfig.ShmSize } : {}),
    ...(hostConfig.Init ? { init: findInit() } : {}),
    devices: devicesOf(hostConfig),
    deviceCgroupRules: hostConfig.DeviceCgroupRules ?? [],
    resources: resourcesOf(hostConfig),
    rlimits: (hostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })),
    sysctls: hostConfig.Sysctls ?? {},
    oomScoreAdj: hostConfig.OomScoreAdj ?? 0,
    ...(hostConfig.CgroupParent ? { cgroupParent: hostConfig.CgroupParent } : {}),
    annotations: hostConfig.Annotations ?? {},
    host: room.networks.hostFacts,
  }
  return buildSpec(input)
}
