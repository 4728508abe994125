import { rm } from 'node:fs/promises'
import { unmount } from '@slipway/linux'
import type { ContainerRecord } from './records.ts'
import { type ContainerRoom, pathsOf } from './room.ts'

/** Takes away what a run needed: network, mounts, bundle. Whatever is missing already is no error. */
export const tearDown = async (room: ContainerRoom, { id, state }: ContainerRecord): Promise<void> => {
  const paths = pathsOf(room, id)
  const takeNetwork = room.networks.detach({ id, ...state }).catch((error) => {
    room.logger.warn({ containerId: id, error }, 'the network could not be taken down')
  })
  unmount(paths.rootfs, { lazy: true })
  await rm(paths.bundle, { recursive: true, force: true })
  await takeNetwork
}
