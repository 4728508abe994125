import { existsSync, readFileSync } from 'node:fs'
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os'
import type { SystemInfo } from '@slipway/client'
import type { HostFacts, OciRuntimes } from '@slipway/runtime'
import type { CgroupSettings } from '../config/cgroups.ts'
import { hostWarnings } from '../config/hosts.ts'
import type { EngineConfig } from '../config/load.ts'
import { defaultLogDriver, logDriverNames } from '../containers/logs/options.ts'
import type { ContainerRecord } from '../containers/records.ts'
import type { ContainerRoom } from '../containers/room.ts'
import type { InProcessEventBus } from './event-bus.ts'
import { backingFileSystem, graphDriverName } from './graph-driver.ts'
import { productVersion, type ToolVersions } from './version.ts'

const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

const osRelease = (): Readonly<Record<string, string>> => {
  const path = '/etc/os-release'
  if (!existsSync(path)) return {}
  return Object.fromEntries(
    [...readFileSync(path, 'utf8').matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
}

export interface InfoParts {
  readonly id: string
  readonly config: EngineConfig
  readonly containers: ContainerRoom
  readonly events: InProcessEventBus
  readonly versions: () => Promise<ToolVersions>
}

const registryConfig = ({ config }: InfoParts): SystemInfo['RegistryConfig'] => ({
  InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8', ...config.registries.insecure.filter((text) => text.includes('/'))],
  IndexConfigs: {
    'docker.io': { Name: 'docker.io', Mirrors: config.registries.mirrors, Secure: true, Official: true },
  },
  Mirrors: config.registries.mirrors,
})

const controllers = ({ cgroup, swapLimit }: HostFacts, { driver }: CgroupSettings) => ({
  MemoryLimit: true,
  SwapLimit: swapLimit,
  CpuCfsPeriod: true,
  CpuCfsQuota: true,
  CPUShares: true,
  CPUSet: true,
  PidsLimit: true,
  OomKillDisable: cgroup !== 'v2',
  CgroupDriver: driver,
  CgroupVersion: cgroup === 'v2' ? ('2' as const) : ('1' as const),
})

const counts = (records: readonly ContainerRecord[]) => {
  const count = (status: string): number => records.filter(({ state }) => state.status === status).length
  const [running, paused] = [count('running'), count('paused')]
  return {
    Containers: records.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: records.length - running - paused,
  }
}

const host = () => {
  const { PRETTY_NAME = 'Linux', VERSION_ID = '' } = osRelease()
  return {
    IPv4Forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() === '1',
    KernelVersion: release(),
    OperatingSystem: PRETTY_NAME,
    OSVersion: VERSION_ID,
    OSType: 'linux',
    Architecture: machines[arch()] ?? arch(),
    NCPU: availableParallelism(),
    MemTotal: totalmem(),
    HttpProxy: process.env['HTTP_PROXY'] ?? '',
    HttpsProxy: process.env['HTTPS_PROXY'] ?? '',
    NoProxy: process.env['NO_PROXY'] ?? '',
    Name: hostname(),
  }
}

const tools = ({ shim, runtime, init }: ToolVersions, { all, default: usual }: OciRuntimes) => ({
  Runtimes: Object.fromEntries(all.map(({ name, program }) => [name, { path: program }])),
  DefaultRuntime: usual,
  InitBinary: init.name,
  ContainerdCommit: { ID: shim },
  RuncCommit: { ID: runtime.version },
  InitCommit: { ID: init.version },
})

const noSwarm: SystemInfo['Swarm'] = {
  NodeID: '',
  NodeAddr: '',
  LocalNodeState: 'inactive',
  ControlAvailable: false,
  Error: '',
  RemoteManagers: null,
}

/** `GET /info` */
export const systemInfo = async (parts: InfoParts): Promise<SystemInfo> => {
  const { config, containers } = parts
  const images = await containers.images.list()
  const warnings = hostWarnings(config.hosts)
  return {
    ID: parts.id,
    ...counts(containers.records.all()),
    Images: images.length,
    Driver: graphDriverName(containers.snapshots),
    DriverStatus: [['Backing Filesystem', await backingFileSystem(config.dataRoot)]],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null'],
      Authorization: null,
      // docker doesn't speak of the one that keeps nothing.
      Log: logDriverNames.filter((name) => name !== 'none'),
    },
    ...controllers(containers.networks.hostFacts, config.cgroups),
    Debug: config.debug,
    NFd: -1,
    NGoroutines: -1,
    SystemTime: new Date().toISOString(),
    LoggingDriver: defaultLogDriver,
    NEventsListener: parts.events.listeners,
    ...host(),
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: registryConfig(parts),
    GenericResources: null,
    DockerRootDir: config.dataRoot,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: productVersion,
    ...tools(await parts.versions(), containers.runtime.runtimes),
    Swarm: noSwarm,
    LiveRestoreEnabled: true,
    Isolation: '',
    SecurityOptions: ['name=seccomp,profile=builtin'],
    FirewallBackend: { Driver: 'nftables' },
    CDISpecDirs: [],
    Warnings: warnings.length > 0 ? warnings : null,
  }
}
