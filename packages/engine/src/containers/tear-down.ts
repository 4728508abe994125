import { rm } from 'node:fs/promises'
import { unmount } from '@slipway/linux'
import { releaseVolumes } from './mounts/ready.ts'
import type { ContainerRecord } from './records.ts'
import { type ContainerRoom, pathsOf } from './room.ts'

/** Takes away what a run needed: network, mounts, bundle. Whatever is missing already is no error. */
export const tearDown = async (room: ContainerRoom, record: ContainerRecord): Promise<void> => {
  await Promise.all([takeDownNetwork(room, record), takeDownFiles(room, record)])
}

/** Gives addresses and ports back: once for each run, for they may be another's at once. Never fails, but logs. */
export const takeDownNetwork = (room: ContainerRoom, { id, state }: ContainerRecord): Promise<void> =>
  room.networks.detach({ id, ...state }).catch((error) => {
    room.logger.warn({ containerId: id, error }, 'the network could not be taken down')
  })

/** Its root file system with its volumes, and its bundle. */
export const takeDownFiles = async (room: ContainerRoom, { id }: Pick<ContainerRecord, 'id'>): Promise<void> => {
  const paths = pathsOf(room, id)
  unmount(paths.rootfs, { lazy: true })
  await rm(paths.bundle, { recursive: true, force: true })
  releaseVolumes(room, id)
}
