import { mkdir, rm } from 'node:fs/promises'
import { hasCode, type Task } from '@slipway/core'
import { mountSnapshot, unmount } from '@slipway/linux'
import type { Stdio } from '@slipway/runtime'
import { publishNetworks } from '../networks/events.ts'
import { writeNetworkFiles } from '../networks/files.ts'
import { namedOf } from '../networks/names.ts'
import type { Attached } from '../networks/networks.ts'
import { checkDeviceRequests } from './device-requests.ts'
import type { ContainerLog } from './logs/container-log.ts'
import { checkLogDriver, openLog } from './logs/open.ts'
import { publishMounted, readyMounts, releaseVolumes } from './mounts/ready.ts'
import { fileContents } from './network-files.ts'
import { wantedMappings } from './ports.ts'
import type { ContainerRecord } from './records.ts'
import { type ContainerRoom, pathsOf, streamsOf } from './room.ts'
import { mountSharedMemory } from './shared-memory.ts'
import { containerSpec } from './spec.ts'

/** A container that has just been brought up. */
export interface Launched {
  readonly task: Task
  readonly stdio: Stdio
  /** None with `--log-driver none`. */
  readonly log: ContainerLog | undefined
  /** Resolves when all output has been read. */
  readonly drained: Promise<void>
}

/** Begins to read a process's output into its log and to its clients, and to pass stdin on. */
export const connectStreams = (room: ContainerRoom, record: ContainerRecord, task: Task, stdio: Stdio): Launched => {
  const { id } = record
  const log = openLog(room, record)
  const streams = streamsOf(room, id)
  const drained = streams.run(stdio, (stream, bytes) => log?.append(stream, bytes))
  // The shim keeps stdin open until it is told; before that the process sees no end.
  streams.stdin.once('close', () => {
    task.closeStdin().catch((error) => {
      if (!hasCode(error, 'not-found')) room.logger.debug({ containerId: id, error }, 'stdin could not be closed')
    })
  })
  return { task, stdio, log, drained }
}

export interface BroughtUp {
  readonly launched: Launched
  readonly network: Attached
  /** Before the first line that it can have written. */
  readonly startedAt: Date
}

/**
 * Brings a container up: mounts, network, bundle, process. Returns once the process runs. When a step fails, those before
 * it are undone.
 */
export const bringUp = async (room: ContainerRoom, record: ContainerRecord): Promise<BroughtUp> => {
  const { id, definition } = record
  const { config, hostConfig } = definition
  const paths = pathsOf(room, id)
  const bundle = { id, path: paths.bundle, ...(hostConfig.Runtime ? { runtime: hostConfig.Runtime } : {}) }
  await using undo = new AsyncDisposableStack()

  checkLogDriver(record)
  checkDeviceRequests(hostConfig)
  await mkdir(paths.rootfs, { recursive: true, mode: 0o711 })
  undo.defer(() => rm(paths.bundle, { recursive: true, force: true }))
  undo.defer(() => room.runtime.cleanup(bundle))
  // The network is made while the shim gets ready and the root file system is mounted.
  const attaching = room.networks.attach({
    id,
    networkMode: hostConfig.NetworkMode ?? 'bridge',
    endpoints: definition.endpoints,
    ports: wantedMappings(config, hostConfig),
    netnsOf: (idOrName) => room.records.find(idOrName).state,
    named: namedOf(record),
  })
  // It may fail before it is waited for.
  const attachedOrNot = attaching.catch(() => undefined)
  undo.defer(async () => {
    const attached = await attachedOrNot
    if (attached !== undefined) await room.networks.detach({ id, ...attached })
  })
  const stdio = await room.runtime.prepare(bundle, { stdin: config.OpenStdin ?? false, terminal: config.Tty ?? false })
  undo.defer(() => stdio.close())
  await mkdir(paths.data, { recursive: true, mode: 0o710 })
  undo.defer(() => unmount(paths.rootfs, { lazy: true }))
  mountSnapshot(await room.snapshots.mounts(id), paths.rootfs)
  const network = await attaching
  await writeNetworkFiles(paths, fileContents(room, record, network.attachments))
  undo.defer(async () => releaseVolumes(room, id))
  undo.defer(() => unmount(paths.sharedMemory, { lazy: true }))
  await mountSharedMemory(room, record)
  await using ready = await readyMounts(room, record)
  const spec = await containerSpec(room, record, { ...network, mounts: ready.mounts })
  await room.runtime.writeSpec(bundle, spec)

  const task = await room.runtime.create(bundle, stdio.paths)
  stdio.release()
  const launched = connectStreams(room, record, task, stdio)
  undo.defer(() => launched.log?.[Symbol.dispose]())
  const startedAt = new Date()
  await task.start()
  publishMounted(room, record)
  publishNetworks(room, record, 'connect')
  undo.move()
  return { launched, network, startedAt }
}
