import { createHash } from 'node:crypto'
import type { ContainerInspect, ContainerState, EndpointSettings, NetworkSettings } from '@slipway/client'
import { hasNames } from '../networks/connect.ts'
import { namesOf } from '../networks/endpoints.ts'
import type { NetworkRecord } from '../networks/records.ts'
import { graphDriverData, graphDriverName } from '../system/graph-driver.ts'
import { blankHostConfig } from './blank-host-config.ts'
import { shownLinks } from './links.ts'
import { defaultLogDriver } from './logs/options.ts'
import { commandOf } from './merge-config.ts'
import { mountPoints } from './mounts/show.ts'
import { portMap } from './ports.ts'
import { type ContainerRecord, isUp } from './records.ts'
import { type ContainerRoom, pathsOf } from './room.ts'

const never = '0001-01-01T00:00:00Z'

const stateOf = ({ state }: ContainerRecord): ContainerState => ({
  Status: state.status,
  Running: state.status === 'running' || state.status === 'paused' || state.status === 'restarting',
  Paused: state.status === 'paused',
  Restarting: state.status === 'restarting',
  OOMKilled: state.oomKilled,
  Dead: state.status === 'dead',
  Pid: state.pid,
  ExitCode: state.exitCode,
  Error: state.error,
  StartedAt: state.startedAt ?? never,
  FinishedAt: state.finishedAt ?? never,
  ...(state.health ? { Health: state.health } : {}),
})

/** Each network it is on: as asked for, and with the addresses it has while it runs. */
export const endpointSettings = (
  room: ContainerRoom,
  { id, name: ownName, definition, state }: ContainerRecord,
): Readonly<Record<string, EndpointSettings>> =>
  Object.fromEntries(
    Object.entries(definition.endpoints).map(([name, asked]) => {
      const network = room.networks.byName(name)
      const attachment = state.pid > 0 ? state.attachments.find((one) => one.network === name) : undefined
      const addresses = attachment?.endpoint.addresses ?? []
      const [address = '', prefix = '0'] = addresses.find((one) => !one.includes(':'))?.split('/') ?? []
      const [address6 = '', prefix6 = '0'] = addresses.find((one) => one.includes(':'))?.split('/') ?? []
      const settings: EndpointSettings = {
        IPAMConfig: asked.IPAMConfig ?? null,
        Links: asked.Links ?? null,
        Aliases: asked.Aliases ?? null,
        MacAddress: attachment?.endpoint.macAddress ?? '',
        DriverOpts: asked.DriverOpts ?? null,
        GwPriority: asked.GwPriority ?? 0,
        // As with docker it is known from the first start on.
        NetworkID: state.startedAt === undefined ? '' : (network?.id ?? ''),
        EndpointID: attachment?.endpointId ?? endpointIdOf(id, state.pid > 0 ? network : undefined),
        Gateway: attachment?.endpoint.gateway ?? '',
        IPAddress: address,
        IPPrefixLen: Number(prefix),
        IPv6Gateway: attachment?.endpoint.gateway6 ?? '',
        GlobalIPv6Address: address6,
        GlobalIPv6PrefixLen: Number(prefix6),
        DNSNames:
          network && hasNames(network) && state.startedAt !== undefined
            ? namesOf({ id, name: ownName, hostname: definition.config.Hostname }, asked)
            : null,
      }
      return [name, settings]
    }),
  )

/** The host's network and none have no endpoint to speak of; docker shows an id for them too. */
const endpointIdOf = (containerId: string, network: NetworkRecord | undefined): string =>
  network === undefined ? '' : createHash('sha256').update(`${containerId} ${network.id}`).digest('hex')

const networkSettings = (room: ContainerRoom, record: ContainerRecord): NetworkSettings => {
  const { definition, state, id } = record
  const networks = endpointSettings(room, record)
  const { bridge } = networks
  const names = Object.keys(networks)
  const isNowhere = names.length > 0 && names.every((name) => room.networks.isAbsentBridge(name))
  return {
    Bridge: '',
    SandboxID: isUp(record) ? id : '',
    SandboxKey: state.netns,
    Ports: isUp(record) && !isNowhere ? portMap(definition.config.ExposedPorts, state.ports) : {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? '',
    Gateway: bridge?.Gateway ?? '',
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? '',
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? '',
    MacAddress: bridge?.MacAddress ?? '',
    Networks: networks,
  }
}

/** `GET /containers/{id}/json` */
export const inspectContainer = async (
  room: ContainerRoom,
  idOrName: string,
  options: { readonly size: boolean },
): Promise<ContainerInspect> => {
  const record = room.records.find(idOrName)
  const { id, definition, state } = record
  const { config, hostConfig } = definition
  const [path = '', ...args] = commandOf(config)
  const mac = definition.endpoints[hostConfig.NetworkMode ?? '']?.MacAddress
  const paths = pathsOf(room, id)
  const execs = [...room.execs.values()].filter((exec) => exec.containerId === id && exec.exitCode === undefined)
  const graphDriver = graphDriverName(room.snapshots)
  // Also of a container whose layers are missing or broken: this is how one looks at it.
  const mounts = await room.snapshots.mounts(id).catch(() => [])
  return {
    Id: id,
    Created: record.createdAt,
    Path: path,
    Args: args,
    State: stateOf(record),
    Image: record.imageId,
    ResolvConfPath: paths.resolvConf,
    HostnamePath: paths.hostname,
    HostsPath: paths.hosts,
    LogPath: (hostConfig.LogConfig?.Type || defaultLogDriver) === defaultLogDriver ? paths.log : '',
    Name: `/${record.name}`,
    RestartCount: state.restartCount,
    Driver: graphDriver,
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: execs.length > 0 ? execs.map((exec) => exec.id) : null,
    HostConfig: {
      // For those made by an engine that kept less.
      ...blankHostConfig,
      ...hostConfig,
      Links: shownLinks(room.records, record),
      Runtime: hostConfig.Runtime || room.runtime.runtimes.default,
    },
    GraphDriver: { Name: graphDriver, Data: graphDriverData(mounts, { id, merged: paths.rootfs }) },
    ...(options.size ? await sizesOf(room, record) : {}),
    Mounts: mountPoints(room, definition),
    Config: {
      ...config,
      Cmd: typeof config.Cmd === 'string' ? [config.Cmd] : (config.Cmd ?? null),
      Entrypoint: typeof config.Entrypoint === 'string' ? [config.Entrypoint] : (config.Entrypoint ?? null),
      Image: definition.image,
      ...(mac ? { MacAddress: mac } : {}),
    },
    NetworkSettings: networkSettings(room, record),
  }
}

/** Bytes: what it has written, and that with its image. */
export const sizesOf = async (
  room: ContainerRoom,
  { id, imageId }: ContainerRecord,
): Promise<{ SizeRw: number; SizeRootFs: number }> => {
  const { bytes } = await room.snapshots.usage(id)
  const image = await room.images.get(imageId)
  return { SizeRw: bytes, SizeRootFs: bytes + (image?.size ?? 0) }
}
