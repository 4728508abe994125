import type {
  ContainerConfig,
  ContainerCreateBody,
  ContainerResources,
  ContainerUpdateBody,
  EndpointSettings,
  HealthConfig,
  HostConfig,
  MountRequest,
  PortBinding,
  RestartPolicy,
} from '@slipway/client'
import { invalid } from '@slipway/core'
import { type BodyShape, shape } from '@slipway/http'

const { bool, empty, integer, list, map, nullable, object, text } = shape

const int = integer('int')
const int64 = integer()
const uint16 = integer('uint16', { minimum: 0, maximum: 0xffff })
const uint = integer('uint', { minimum: 0, maximum: 2 ** 32 })
const uint64 = integer('uint64', { minimum: 0, maximum: 2 ** 64 })
const duration = integer('time.Duration')
const texts = list(text())
const textMap = map(text())

/** docker takes a string, old clients' way, as the one word of a list. */
const words: shape.Shape<readonly string[]> = {
  ...texts,
  read: (value, path) => {
    if (typeof value === 'string') return [value]
    if (Array.isArray(value) && value.every((word) => typeof word === 'string' || word === null)) {
      return texts.read(value, path)
    }
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    throw invalid(`invalid JSON: json: cannot unmarshal ${kind} into Go value of type string`)
  },
}

const healthConfig = object<HealthConfig>('container.HealthConfig', {
  Test: texts,
  Interval: duration,
  Timeout: duration,
  Retries: int,
  StartPeriod: duration,
  StartInterval: duration,
})

const configFields: shape.Fields<ContainerConfig> = {
  Hostname: text(),
  Domainname: text(),
  User: text(),
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ExposedPorts: map(empty, 'nat.PortSet'),
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  Env: texts,
  Cmd: words,
  Healthcheck: healthConfig,
  ArgsEscaped: bool,
  Image: text(),
  Volumes: map(empty),
  WorkingDir: text(),
  Entrypoint: words,
  NetworkDisabled: bool,
  MacAddress: text(),
  OnBuild: texts,
  Labels: textMap,
  StopSignal: text(),
  StopTimeout: int,
  Shell: words,
}

const throttleDevices = list(object('blkiodev.ThrottleDevice', { Path: text(), Rate: uint64 }))

const resourceFields: shape.Fields<ContainerResources> = {
  CpuShares: int64,
  Memory: int64,
  CgroupParent: text(),
  BlkioWeight: uint16,
  BlkioWeightDevice: list(object('blkiodev.WeightDevice', { Path: text(), Weight: uint16 })),
  BlkioDeviceReadBps: throttleDevices,
  BlkioDeviceWriteBps: throttleDevices,
  BlkioDeviceReadIOps: throttleDevices,
  BlkioDeviceWriteIOps: throttleDevices,
  CpuPeriod: int64,
  CpuQuota: int64,
  CpuRealtimePeriod: int64,
  CpuRealtimeRuntime: int64,
  CpusetCpus: text(),
  CpusetMems: text(),
  Devices: list(
    object('container.DeviceMapping', { PathOnHost: text(), PathInContainer: text(), CgroupPermissions: text() }),
  ),
  DeviceCgroupRules: texts,
  DeviceRequests: list(
    object('container.DeviceRequest', {
      Driver: text(),
      Count: int,
      DeviceIDs: texts,
      Capabilities: list(texts),
      Options: textMap,
    }),
  ),
  MemoryReservation: int64,
  MemorySwap: int64,
  MemorySwappiness: int64,
  NanoCpus: int64,
  OomKillDisable: bool,
  PidsLimit: int64,
  Ulimits: list(object('units.Ulimit', { Name: text(), Soft: int64, Hard: int64 })),
  CpuCount: int64,
  CpuPercent: int64,
  IOMaximumIOps: uint64,
  IOMaximumBandwidth: uint64,
}

const restartPolicy = object<RestartPolicy>('container.RestartPolicy', {
  Name: text<NonNullable<RestartPolicy['Name']>>('container.RestartPolicyMode'),
  MaximumRetryCount: int,
})

export const portMap = map(
  nullable(list(object<PortBinding>('nat.PortBinding', { HostIp: text(), HostPort: text() }))),
  'nat.PortMap',
)

const mount = object<MountRequest>('mount.Mount', {
  Type: text('mount.Type'),
  Source: text(),
  Target: text(),
  ReadOnly: bool,
  Consistency: text('mount.Consistency'),
  BindOptions: object<NonNullable<MountRequest['BindOptions']>>('mount.BindOptions', {
    Propagation: text('mount.Propagation'),
    NonRecursive: bool,
    CreateMountpoint: bool,
    ReadOnlyNonRecursive: bool,
    ReadOnlyForceRecursive: bool,
  }),
  VolumeOptions: object('mount.VolumeOptions', {
    NoCopy: bool,
    Labels: textMap,
    Subpath: text(),
    DriverConfig: object('mount.Driver', { Name: text(), Options: textMap }),
  }),
  ImageOptions: object('mount.ImageOptions', { Subpath: text() }),
  TmpfsOptions: object('mount.TmpfsOptions', {
    SizeBytes: int64,
    Mode: integer('fs.FileMode', { minimum: 0, maximum: 0xffff_ffff }),
    Options: list(texts),
  }),
})

const hostConfig = object<HostConfig>('container.HostConfig', {
  ...resourceFields,
  Binds: texts,
  ContainerIDFile: text(),
  LogConfig: object('container.LogConfig', { Type: text(), Config: textMap }),
  NetworkMode: text('container.NetworkMode'),
  PortBindings: portMap,
  RestartPolicy: restartPolicy,
  AutoRemove: bool,
  VolumeDriver: text(),
  VolumesFrom: texts,
  Mounts: list(mount),
  ConsoleSize: list(uint),
  Annotations: textMap,
  CapAdd: words,
  CapDrop: words,
  CgroupnsMode: text('container.CgroupnsMode'),
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text('container.IpcMode'),
  Cgroup: text('container.CgroupSpec'),
  Links: texts,
  OomScoreAdj: int,
  PidMode: text('container.PidMode'),
  Privileged: bool,
  PublishAllPorts: bool,
  ReadonlyRootfs: bool,
  SecurityOpt: texts,
  StorageOpt: textMap,
  Tmpfs: textMap,
  UTSMode: text('container.UTSMode'),
  UsernsMode: text('container.UsernsMode'),
  ShmSize: int64,
  Sysctls: textMap,
  Runtime: text(),
  Isolation: text('container.Isolation'),
  MaskedPaths: texts,
  ReadonlyPaths: texts,
  Init: bool,
})

export const endpointSettings = object<EndpointSettings>('network.EndpointSettings', {
  IPAMConfig: object('network.EndpointIPAMConfig', { IPv4Address: text(), IPv6Address: text(), LinkLocalIPs: texts }),
  Links: texts,
  Aliases: texts,
  MacAddress: text(),
  DriverOpts: textMap,
  GwPriority: int,
  NetworkID: text(),
  EndpointID: text(),
  Gateway: text(),
  IPAddress: text(),
  IPPrefixLen: int,
  IPv6Gateway: text(),
  GlobalIPv6Address: text(),
  GlobalIPv6PrefixLen: int,
  DNSNames: texts,
})

export const createBody: BodyShape<ContainerCreateBody> = {
  shape: object<ContainerCreateBody>('container.CreateRequest', {
    ...configFields,
    HostConfig: hostConfig,
    NetworkingConfig: object('network.NetworkingConfig', {
      EndpointsConfig: map(nullable(endpointSettings), 'map[string]*network.EndpointSettings'),
    }),
  }),
}

export const updateBody: BodyShape<ContainerUpdateBody> = {
  name: 'UpdateConfig',
  shape: object<ContainerUpdateBody>('container.UpdateConfig', {
    ...resourceFields,
    RestartPolicy: restartPolicy,
    PublishAdd: portMap,
    PublishRemove: portMap,
  }),
}

/** What `commit` may change of the container's configuration. */
export const configBody: BodyShape<ContainerConfig> = { shape: object('container.CreateRequest', configFields) }
