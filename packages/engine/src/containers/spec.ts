import type { HostConfig } from '@slipway/client'
import { invalid } from '@slipway/core'
import {
  buildSpec,
  defaultMaskedPaths,
  defaultReadonlyPaths,
  hostDevices,
  lookupDevices,
  type NamespaceChoice,
  type OciSpec,
  resolveUser,
  type SpecDevice,
  type SpecInput,
  type SpecMount,
} from '@slipway/runtime'
import { findInit, initNames } from './init-program.ts'
import { linkEnvironment } from './links.ts'
import { commandOf } from './merge-config.ts'
import type { ContainerRecord } from './records.ts'
import { resourcesOf } from './resources.ts'
import { type ContainerRoom, pathsOf } from './room.ts'
import { securityOptions } from './security-options.ts'
import { sharedMemory } from './shared-memory.ts'

/** `pid`, `ipc` or `uts`: private, the host's, or another container's. */
const namespaceOf = (room: ContainerRoom, mode: string | undefined, kind: 'pid' | 'ipc' | 'uts'): NamespaceChoice => {
  if (mode === 'host') return 'host'
  if (!mode?.startsWith('container:')) return 'private'
  const other = room.records.find(mode.slice('container:'.length))
  if (other.state.pid === 0)
    throw invalid(`failed to join ${kind.toUpperCase()} namespace: container ${other.id} is not running`)
  return { path: `/proc/${other.state.pid}/ns/${kind}` }
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

const wantInit = (): string => {
  const path = findInit()
  if (path !== undefined) return path
  throw invalid(`--init needs one of ${initNames.join(', ')} in the PATH of the engine; none was found`)
}

const isList = (given: readonly string[] | null | undefined, usual: readonly string[]): boolean =>
  given?.length === usual.length && given.every((path, index) => path === usual[index])

/** The lists that the container was made with, where they aren't the usual ones: to these this host adds its own. */
const pathsHidden = (
  { MaskedPaths, ReadonlyPaths }: HostConfig,
  unmasked: boolean,
): Pick<SpecInput, 'maskedPaths' | 'readonlyPaths'> => {
  if (unmasked) return { maskedPaths: [], readonlyPaths: [] }
  return {
    ...(MaskedPaths && !isList(MaskedPaths, defaultMaskedPaths) ? { maskedPaths: MaskedPaths } : {}),
    ...(ReadonlyPaths && !isList(ReadonlyPaths, defaultReadonlyPaths) ? { readonlyPaths: ReadonlyPaths } : {}),
  }
}

/** `--ipc none`: there is no /dev/shm at all. */
const shmOf = ({ IpcMode, ShmSize }: HostConfig): Pick<SpecInput, 'shmSize'> => {
  if (IpcMode === 'none') return { shmSize: 'none' }
  return ShmSize ? { shmSize: ShmSize } : {}
}

/** The container as an OCI bundle's config.json. Its root file system is mounted already: users are looked up in it. */
export const containerSpec = async (
  room: ContainerRoom,
  record: ContainerRecord,
  given: { readonly netns: string; readonly own: boolean; readonly mounts: readonly SpecMount[] },
): Promise<OciSpec> => {
  const { id } = record
  const { config, hostConfig } = record.definition
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
    env: [...linkEnvironment(room.records, record), ...(config.Env ?? [])],
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
    writableCgroups: security.writableCgroups ?? false,
    ...pathsHidden(hostConfig, security.unmasked ?? false),
    mounts: [
      ...files.map((file) => ({ kind: 'bind' as const, readonly: false, ...file })),
      ...sharedMemory(room, record),
      ...given.mounts,
    ],
    ...shmOf(hostConfig),
    ...(hostConfig.Init ? { init: wantInit() } : {}),
    devices: devicesOf(hostConfig),
    deviceCgroupRules: hostConfig.DeviceCgroupRules ?? [],
    resources: resourcesOf(hostConfig),
    rlimits: (hostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })),
    sysctls: hostConfig.Sysctls ?? {},
    oomScoreAdj: hostConfig.OomScoreAdj ?? 0,
    cgroupParent: hostConfig.CgroupParent || room.cgroups.parent,
    systemdCgroup: room.cgroups.driver === 'systemd',
    annotations: hostConfig.Annotations ?? {},
    host: room.networks.hostFacts,
  }
  return buildSpec(input)
}
