import { join } from 'node:path'
import type { EventBus, Leases, Logger, Runtime, Snapshotter, SystemEvent, Task } from '@slipway/core'
import type { ShimRuntime, Stdio } from '@slipway/runtime'
import type { CgroupSettings } from '../config/cgroups.ts'
import type { ImageStore } from '../images/store.ts'
import type { KeyedLock } from '../keyed-lock.ts'
import type { Networks } from '../networks/networks.ts'
import type { Volumes } from '../volumes/volumes.ts'
import type { ExecRecord } from './exec/records.ts'
import type { ExitWaiters } from './exit-waiters.ts'
import type { ContainerLog } from './logs/container-log.ts'
import type { ContainerRecord, ContainerRecords } from './records.ts'
import { Streams } from './streams.ts'

/** A container's running side, as this process holds it. */
export interface RunningContainer {
  readonly task: Task
  readonly stdio: Stdio
  /** None with `--log-driver none`. */
  readonly log: ContainerLog | undefined
  /** Aborted when the log gets no more lines. */
  readonly logClosed: AbortController
  /** Resolves once the end has been dealt with: state written, network and mounts gone. */
  readonly ended: Promise<void>
  /** When the present run began, in milliseconds: the back-off looks at it. */
  readonly since: number
}

/** All that the verbs of this room work with. */
export interface ContainerRoom {
  readonly records: ContainerRecords
  readonly running: Map<string, RunningContainer>
  /** Made when the first client attaches or the container starts; see `streamsOf()`. */
  readonly streams: Map<string, Streams>
  readonly execs: Map<string, ExecRecord>
  /** Restarts that wait for their time. */
  readonly pendingRestarts: Map<string, { readonly timer: NodeJS.Timeout; readonly delay: number }>
  /** Those that a client restarts: their end is only half of it. */
  readonly restartsAsked: Set<string>
  /** Those that a client stops: it is told before their end is. */
  readonly stopsAsked: Set<string>
  readonly waiters: ExitWaiters
  /** One change of a container at a time, by id. */
  readonly lock: KeyedLock
  readonly images: ImageStore
  readonly snapshots: Snapshotter
  readonly leases: Leases
  readonly runtime: Runtime & Pick<ShimRuntime, 'prepare' | 'runtimes' | 'writeSpec'>
  readonly networks: Networks
  readonly volumes: Volumes
  readonly events: EventBus
  readonly cgroups: CgroupSettings
  readonly logger: Logger
  /** `<data-root>/containers`: what outlives a reboot. */
  readonly dataRoot: string
  /** `<exec-root>/containers`: bundles, FIFOs and mounts of what runs. */
  readonly execRoot: string
}

export interface ContainerPaths {
  /** Log, hostname, hosts and resolv.conf. */
  readonly data: string
  readonly log: string
  readonly hostname: string
  readonly hosts: string
  readonly resolvConf: string
  readonly bundle: string
  readonly rootfs: string
  /** Of one whose IPC others may share. */
  readonly sharedMemory: string
}

export const pathsOf = (room: ContainerRoom, id: string): ContainerPaths => {
  const data = join(room.dataRoot, id)
  const bundle = join(room.execRoot, id)
  return {
    data,
    log: join(data, `${id}-json.log`),
    hostname: join(data, 'hostname'),
    hosts: join(data, 'hosts'),
    resolvConf: join(data, 'resolv.conf'),
    bundle,
    rootfs: join(bundle, 'rootfs'),
    sharedMemory: join(bundle, 'shm'),
  }
}

export const streamsOf = (room: ContainerRoom, id: string): Streams => {
  const streams = room.streams.get(id) ?? new Streams()
  room.streams.set(id, streams)
  return streams
}

/** Tells the world; attributes are docker's: the labels, the image and the name. */
export const containerEvent = (
  { id, name, definition }: ContainerRecord,
  action: string,
  more: Readonly<Record<string, string>> = {},
): Omit<SystemEvent, 'at'> => {
  const { config, image } = definition
  return { type: 'container', action, id, attributes: { ...config.Labels, ...more, image, name } }
}

export const publishContainerEvent = (
  room: ContainerRoom,
  record: ContainerRecord,
  action: string,
  more: Readonly<Record<string, string>> = {},
): void => room.events.publish({ ...containerEvent(record, action, more), at: new Date() })
