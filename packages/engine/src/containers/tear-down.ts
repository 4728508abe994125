import { rm } from 'node:fs/promises'
import { unmountAside } from '@slipway/linux'
import { releaseVolumes } from './mounts/ready.ts'
import type { ContainerRecord } from './records.ts'
import { type ContainerRoom, pathsOf } from './room.ts'

/** Takes away what a run needed: network, mounts, bundle. Whatever is missing already is no error. */
export const tearDown = async (room: ContainerRoom, record: ContainerRecord): Promise<void> => {
  await Promise.all([takeDownNetwork(room, record), takeDownRoot(room, record)])
  await takeDownBundle(room, record)
}

/** Gives addresses and ports back: once for each run, for they may be another's at once. Never fails, but logs. */
export const takeDownNetwork = (room: ContainerRoom, { id, state }: ContainerRecord): Promise<void> =>
  room.networks.detach({ id, ...state }).catch((error) => {
    room.logger.warn({ containerId: id, error }, 'the network could not be taken down')
  })

/** Its root file system: as soon as it has no process any more, the shim needn't have ended. */
export const takeDownRoot = async (
  room: ContainerRoom,
  { id, definition }: Pick<ContainerRecord, 'id' | 'definition'>,
): Promise<void> => {
  const { rootfs, sharedMemory } = pathsOf(room, id)
  await unmountAside(rootfs, { lazy: true })
  if (definition.hostConfig.IpcMode === 'shareable') await unmountAside(sharedMemory, { lazy: true })
}

/** What remains once its shim has ended and its root file system is unmounted: volumes, and its bundle. */
export const takeDownBundle = async (room: ContainerRoom, { id }: Pick<ContainerRecord, 'id'>): Promise<void> => {
  await rm(pathsOf(room, id).bundle, { recursive: true, force: true })
  releaseVolumes(room, id)
}
