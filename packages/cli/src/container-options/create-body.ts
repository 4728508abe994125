import type {
  ContainerConfig,
  ContainerCreateBody,
  EndpointSettings,
  HostConfig,
  PortBinding,
  PortSet,
} from '@slipway/client'
import { messageOf } from '@slipway/client'
import { Exit } from '../exit.ts'
import type { Values } from '../flags/flag.ts'
import { modeProblem } from './checked-words.ts'
import type { createFlags } from './create-flags.ts'
import { healthOf } from './health.ts'
import { cdiRequests, isCdiDevice, parseDevice, parseRestart } from './limits.ts'
import { endpointOf } from './network.ts'
import { readEnvironment, readLabels, readPairs } from './pairs.ts'
import { bindingsOf, parseExpose } from './port.ts'
import { readSecurityOptions } from './security.ts'
import { parseTmpfs, parseVolumes } from './volume.ts'

export type CreateFlags = Values<typeof createFlags>

/** The fields that were given: nothing is sent for the others, and the engine's defaults hold. */
const given = <T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  ) as { [Name in keyof T]?: Exclude<T[Name], undefined> }

const orUndefined = <T extends object>(map: T): T | undefined => (Object.keys(map).length === 0 ? undefined : map)

const setOf = (keys: readonly string[]): PortSet => Object.fromEntries(keys.map((key) => [key, {}]))

type Attached = Required<Pick<ContainerConfig, 'AttachStdin' | 'AttachStdout' | 'AttachStderr'>>

const attachedOf = ({ attach, interactive }: CreateFlags): Attached => {
  if (attach.length === 0) return { AttachStdin: interactive, AttachStdout: true, AttachStderr: true }
  return {
    AttachStdin: attach.includes('stdin'),
    AttachStdout: attach.includes('stdout'),
    AttachStderr: attach.includes('stderr'),
  }
}

interface Ports {
  readonly exposed: PortSet
  readonly bindings: Readonly<Record<string, readonly PortBinding[]>>
}

const portsOf = ({ publish, expose }: CreateFlags): Ports => {
  const bindings = bindingsOf(publish)
  return { exposed: setOf([...Object.keys(bindings), ...expose.flatMap(parseExpose)]), bindings }
}

/** With a space in it docker still takes it as one word. */
const entrypointOf = (entrypoint: string | undefined): readonly string[] | undefined =>
  entrypoint === undefined ? undefined : [entrypoint]

/** Some values are only judged when the whole command line is there. */
const judge = <T>(text: string, parse: (text: string) => T): T => {
  try {
    return parse(text)
  } catch (error) {
    throw new Exit(125, messageOf(error), { cause: error })
  }
}

const resourcesOf = (flags: CreateFlags): Partial<HostConfig> =>
  given({
    BlkioWeight: flags['blkio-weight'],
    BlkioWeightDevice: flags['blkio-weight-device'],
    BlkioDeviceReadBps: flags['device-read-bps'],
    BlkioDeviceReadIOps: flags['device-read-iops'],
    BlkioDeviceWriteBps: flags['device-write-bps'],
    BlkioDeviceWriteIOps: flags['device-write-iops'],
    CgroupParent: flags['cgroup-parent'],
    CpuPeriod: flags['cpu-period'],
    CpuQuota: flags['cpu-quota'],
    CpuRealtimePeriod: flags['cpu-rt-period'],
    CpuRealtimeRuntime: flags['cpu-rt-runtime'],
    CpuShares: flags['cpu-shares'],
    CpusetCpus: flags['cpuset-cpus'],
    CpusetMems: flags['cpuset-mems'],
    DeviceCgroupRules: flags['device-cgroup-rule'],
    DeviceRequests: [...flags.gpus, ...cdiRequests(flags.device.filter(isCdiDevice))],
    Devices: flags.device.filter((one) => !isCdiDevice(one)).map((device) => judge(device, parseDevice)),
    Memory: flags.memory,
    MemoryReservation: flags['memory-reservation'],
    MemorySwap: flags['memory-swap'],
    MemorySwappiness: flags['memory-swappiness'],
    NanoCpus: flags.cpus,
    OomKillDisable: flags['oom-kill-disable'] ? true : undefined,
    PidsLimit: flags['pids-limit'],
    ShmSize: flags['shm-size'],
    Ulimits: flags.ulimit,
  })

/** `net_admin` as `CAP_NET_ADMIN`. */
const capability = (name: string): string => {
  const upper = name.toUpperCase()
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`
}

const isolationOf = (flags: CreateFlags): Partial<HostConfig> =>
  given({
    CapAdd: flags['cap-add'].map(capability),
    CapDrop: flags['cap-drop'].map(capability),
    CgroupnsMode: flags.cgroupns,
    GroupAdd: flags['group-add'],
    Init: flags.init ? true : undefined,
    IpcMode: flags.ipc,
    Isolation: flags.isolation,
    OomScoreAdj: flags['oom-score-adj'],
    PidMode: flags.pid,
    Privileged: flags.privileged ? true : undefined,
    ReadonlyRootfs: flags['read-only'] ? true : undefined,
    Runtime: flags.runtime,
    Sysctls: orUndefined(readPairs(flags.sysctl)),
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    Annotations: orUndefined(readPairs(flags.annotation)),
  })

const storageOf = (flags: CreateFlags): Partial<HostConfig> =>
  given({
    Binds: parseVolumes(flags.volume).binds,
    Mounts: flags.mount,
    StorageOpt: orUndefined(readPairs(flags['storage-opt'])),
    Tmpfs: orUndefined(Object.fromEntries(flags.tmpfs.map(parseTmpfs))),
    VolumeDriver: flags['volume-driver'],
    VolumesFrom: flags['volumes-from'],
  })

const reachabilityOf = (flags: CreateFlags, { bindings }: Ports): Partial<HostConfig> =>
  given({
    Dns: flags.dns,
    DnsOptions: flags['dns-option'],
    DnsSearch: flags['dns-search'],
    ExtraHosts: flags['add-host'],
    Links: flags.link,
    NetworkMode: flags.network[0]?.name ?? 'default',
    PortBindings: orUndefined(bindings),
    PublishAllPorts: flags['publish-all'] ? true : undefined,
  })

/** On a network that somebody made, links are the endpoint's; on the default one the container's. */
const isOwnNetwork = (name = 'default'): boolean =>
  !['default', 'bridge', 'host', 'none'].includes(name) && !name.startsWith('container:')

/** The flags beside `--network` are about the first network. */
const endpointsOf = (flags: CreateFlags): Readonly<Record<string, EndpointSettings>> => {
  const extra = endpointOf({
    aliases: flags['network-alias'],
    ip: flags.ip,
    ip6: flags.ip6,
    linkLocal: flags['link-local-ip'],
    macAddress: flags['mac-address'],
    links: isOwnNetwork(flags.network[0]?.name) ? flags.link : [],
  })
  const choices = flags.network.length === 0 ? [{ name: 'default', endpoint: {} }] : flags.network
  return Object.fromEntries(
    choices
      .map(({ name, endpoint }, position) => [name, position === 0 ? { ...endpoint, ...extra } : endpoint] as const)
      .filter(([, endpoint], position) => position > 0 || Object.keys(endpoint).length > 0 || choices.length > 1),
  )
}

const macAddress = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i

const checkConflicts = (flags: CreateFlags): void => {
  const { 'mac-address': mac } = flags
  if (mac && !macAddress.test(mac)) throw new Exit(125, `${mac} is not a valid mac address`)
  const problem = modeProblem(flags)
  if (problem !== undefined) throw new Exit(125, problem)
  if (flags['network-alias'].length > 0 && !isOwnNetwork(flags.network[0]?.name)) {
    throw new Exit(125, 'network-scoped aliases are only supported for user-defined networks')
  }
  for (const link of flags.link) {
    if (link === '') throw new Exit(125, 'empty string specified for links')
    if (link.split(':').length > 2) throw new Exit(125, `bad format for links: ${link}`)
  }
  if (flags.rm && flags.restart !== 'no' && flags.restart !== '') {
    throw new Exit(125, 'conflicting options: cannot specify both --restart and --rm')
  }
  const swappiness = flags['memory-swappiness'] ?? -1
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100)) {
    throw new Exit(125, `invalid value: ${swappiness}. Valid memory swappiness range is 0-100`)
  }
}

/** The body of POST /containers/create for what was typed. Reads the files that flags name. Throws Exit 125. */
export const createBody = async (
  flags: CreateFlags,
  image: string,
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<ContainerCreateBody> => {
  checkConflicts(flags)
  const ports = portsOf(flags)
  const attached = attachedOf(flags)
  const config: ContainerConfig = {
    ...attached,
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && attached.AttachStdin,
    Image: image,
    ...given({
      Hostname: flags.hostname,
      Domainname: flags.domainname,
      User: flags.user,
      ExposedPorts: orUndefined(ports.exposed),
      Env: await readEnvironment(flags['env-file'], flags.env, env),
      Cmd: command,
      Healthcheck: healthOf(flags),
      Volumes: orUndefined(setOf(parseVolumes(flags.volume).anonymous)),
      WorkingDir: flags.workdir,
      Entrypoint: entrypointOf(flags.entrypoint),
      Labels: orUndefined(await readLabels(flags['label-file'], flags.label)),
      StopSignal: flags['stop-signal'],
      StopTimeout: flags['stop-timeout'],
    }),
  }
  const hostConfig: HostConfig = {
    ...resourcesOf(flags),
    ...isolationOf(flags),
    ...storageOf(flags),
    ...reachabilityOf(flags, ports),
    ...(await readSecurityOptions(flags['security-opt'])),
    RestartPolicy: judge(flags.restart, parseRestart),
    LogConfig: {
      ...given({ Type: flags['log-driver'] }),
      ...given({ Config: orUndefined(readPairs(flags['log-opt'])) }),
    },
    AutoRemove: flags.rm,
    ...given({ ContainerIDFile: flags.cidfile }),
  }
  const endpoints = endpointsOf(flags)
  return { ...config, HostConfig: hostConfig, NetworkingConfig: { EndpointsConfig: endpoints } }
}
